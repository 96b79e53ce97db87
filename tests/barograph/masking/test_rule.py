"""The rule on whole configurations, command lines and texts."""

import json
import time

import pytest

from barograph.masking import MASK, Masking

SECRET = {
    "api_key": "S-1", "wandb": {"key": "S2x9", "project": "p"}, "secrets": {"a": "S3", "b": [1, True, None]},
    "tokens_list": ["TOK13"], "database_url": "postgres://u:S4@h/db", "password": 1234, "sas": "sig=S5",
    "env": ["--hf-token", "S6", "--lr", "1"], "hub": [{"token": "S7"}], "openai_api_key": {"value": "S8", "desc": None},
    "upload_key": "Ab3dEf6hIj9lMn2pQr5t", "url": "https://host/?api_key=S9&page=2", "client": "OpenAI(api_key='S10')",
}  # fmt: skip
PLAIN = {
    "lr": 1e-3, "tokenizer": "meta-llama/Llama-2-7b-hf", "max_tokens": 4096, "token_budget": "300B", "key_dim": 64,
    "num_key_value_heads": 8, "eos_token": "</s>", "pad_token": "<pad>", "special_tokens": ["<image>", "[CLS]"],
    "stop_tokens": ["\n\n", "END"], "train_tokens": "10.5B", "tokens": "1e9",
    "commit": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "data_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b",
    "cache_key_hash": "9f86d081884c7d659a2feaa0", "dataset": "wikitext-103-raw-v1", "image_key": "jpg",
    "key": "input_ids", "prng_key": [0, 42], "use_auth_token": False, "token": None, "hub_token": "${oc.env:HF_TOKEN}",
    "token_file": "/run/secrets/hf", "pwd": "/home/me", "git": "git@github.com:me/repo.git", "secret_size": 100,
    "checkpoint": "s3://bucket/key/step-1000.pt", "run_id": "3f2a9b8c7d6e5f4a", "keys": ["q", "k", "v"],
    "attention_key": "k_proj", "auth_type": "none", "private": True, "vocabulary": {"<pad>": 0, "token": 1},
    "note": "lr: 3e-4, batch=32", "model_key": "ViT-B/16", "revision": "main", "signature": None,
}  # fmt: skip


def test_what_is_secret_is_masked_and_the_shape_stays():
    masked = Masking().value(SECRET)
    assert masked.keys() == SECRET.keys() and MASK in json.dumps(masked)
    text = json.dumps(masked)
    hidden = "S-1 S2 S3 TOK13 S4 1234 S5 S6 S7 S8 Ab3 S9 S10".split()
    assert not [one for one in hidden if one in text]
    assert masked["wandb"]["project"] == "p" and masked["secrets"] == {"a": MASK, "b": [MASK, True, None]}
    assert masked["env"] == ["--hf-token", MASK, "--lr", "1"] and "page=2" in masked["url"]
    assert Masking().value(masked) == masked, "masking twice changes nothing"


def test_what_is_none_stays():
    masked = Masking().value(PLAIN)
    assert {key: masked[key] for key in PLAIN if masked[key] != PLAIN[key]} == {}


def test_names_that_the_user_has_declared():
    rule = Masking(mask=("*_pin", "site.login"), show=("wandb.key", "api_key"))
    given = {"door_pin": 12, "site": {"login": ["me", 1]}, "login": "me", "api_key": "a", "wandb": {"key": "K9x8"}}
    assert rule.value(given) == given | {"door_pin": MASK, "site": {"login": [MASK, MASK]}}
    assert rule.text("door_pin=12a api_key=b") == "door_pin=*** api_key=b"
    assert rule.words(["--door_pin", "12", "--api_key", "a"]) == ["--door_pin", MASK, "--api_key", "a"]


def test_where_something_is_to_be_masked():
    assert sorted(Masking().found(SECRET, "config"))[:3] == ["config.api_key", "config.client", "config.database_url"]
    assert "config.wandb.key" in set(Masking().found(SECRET, "config"))
    assert not list(Masking().found(PLAIN, "config")) and not list(Masking().found(Masking().value(SECRET)))


GIVEN = (
    "train.py --api-key=C1 --api-key C2 api_key=C3 +wandb.api_key=C4 --openai.api_key C5 -p C6x9 --password -C7 "
    '--auth=C8 --url=https://u:C9@h/ --accessToken=C10 --env API_KEY C11 --config=\'{"api_key": "C12"}\' '
    "--secrets a C13 -u me:C14 --key Key15"
)


def test_a_command_line():
    line = Masking().command(GIVEN)
    assert not [n for n in range(1, 15) if f"C{n}" in line] and "Key15" not in line
    assert Masking().command(line) == line


@pytest.mark.parametrize(
    "line",
    [
        "train.py --lr=1e-3 --max_tokens 4096 --token-file=/run/hf --tokenizer bytes --key image --use-auth --seed 1",
        "torchrun --nproc_per_node 8 train.py -p bf16 model.key_dim=64 --eos_token '</s>' -0.5 --drop -1",
        "python -c 'print(1)' --data /data/a --resume",
    ],
)
def test_a_command_line_without_secrets_stays(line):
    assert Masking().command(line) == line


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Command '['curl', '--password', 'abc']' failed", "Command '['curl', '--password', '***']' failed"),
        ("Server=a;Password=abc;User=b", "Server=a;Password=***;User=b"),
        ("x:api_key=abc", "x:api_key=***"),
        ("unexpected token: word", "unexpected token: word"),
        ("KeyError: 'key: value'", "KeyError: 'key: value'"),
        ("size mismatch for key.weight: shape torch.Size([3])", "size mismatch for key.weight: shape torch.Size([3])"),
        ("invalid token: <pad>", "invalid token: <pad>"),
    ],
)
def test_free_text(text, masked):
    assert Masking().text(text) == masked


def test_a_long_text_takes_no_time():
    began = time.perf_counter()
    for text in ("a" * 100_000, "a=" * 50_000, "-" * 100_000, "a:" * 50_000, "eyJ" * 30_000, "https://" * 12_000):
        Masking().text(text)
    assert time.perf_counter() - began < 10
