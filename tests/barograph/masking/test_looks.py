"""What secrets look like wherever they stand."""

import pytest

from barograph.masking.looks import MASK, is_mark, is_ordinary, is_random, without_keys

# Made up here, in two parts each, so that no scanner takes this file for a leak.
KEYS = [
    "sk-" + "proj-Ab3dEf6hIj9lMn2pQr5t",
    "sk-" + "ant-api03-Ab3dEf6hIj9lMn2pQr5t",
    "sk_" + "live_Ab3dEf6hIj9l",
    "hf_" + "AbCdEfGhIjKlMnOpQrStUvWxYz",
    "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz0aBc",
    "github_" + "pat_11ABCDEFG0aBcDeFgHiJkL_mnop",
    "glpat-" + "Ab3dEf6hIj9lMn2pQr5t",
    "xoxb-" + "123456789012-abcdefGHIJKL",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "AIza" + "SyAb3dEf6hIj9lMn2pQr5tUv8xYz0aBcDe",
    "gsk_" + "Ab3dEf6hIj9lMn2pQr5tUv8x",
    "12345678" + ":AAAb3dEf6hIj9lMn2pQr5tUv8xYz0aBcDeFg",
    "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    "SG." + "Ab3dEf6hIj9lMn2pQr5t.Uv8xYz0aBcDeFgHiJkLm",
]


@pytest.mark.parametrize("key", KEYS)
def test_keys_of_services_are_found_inside_of_a_text(key):
    assert without_keys(f"before {key}, after") == f"before {MASK}, after"
    assert without_keys(f"'{key}'") == f"'{MASK}'"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("redis://:pass@host:6379/0", "redis://:***@host:6379/0"),
        ("https://0123456789abcdef01234567@github.com/a/b", "https://***@github.com/a/b"),
        ("https://hooks.slack.com/services/T0/B0/abc now", "https://hooks.slack.com/services/*** now"),
        ("https://discord.com/api/webhooks/1/abc", "https://discord.com/api/webhooks/***"),
        ("Authorization: Basic bWU6cGFzcw==", "Authorization: ***"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
         "-----BEGIN RSA PRIVATE KEY----- *** -----END RSA PRIVATE KEY-----"),
    ],
)  # fmt: skip
def test_addresses_headers_and_blocks(text, masked):
    assert without_keys(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "git@github.com:me/repo.git",
        "ssh://git@github.com/me/repo",
        "https://example.org/a?page=2",
        "s3://bucket/key/step-1000.pt",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "scikit sk-learn hf_transfer ask-for-more-than-that sk-image",
        "meta-llama/Llama-2-7b-hf",
        "2026-11-27 12:30:00",
    ],
)
def test_what_is_no_secret_stays(text):
    assert without_keys(text) == text


def test_what_reads_like_a_word():
    assert all(map(is_ordinary, ["input_ids", "layer12", "0.5", "1e-3", "10.5B", "5_000_000", "Camel", "", "[MASK]"]))
    assert not any(map(is_ordinary, ["CFG11", "A1b2C3d4", "9f86d081884c"]))
    assert is_mark("<|im_end|>") and is_mark("\n\n") and not is_mark("<a b>")
    assert is_random("Ab3dEf6hIj9lMn2pQr5t") and not is_random("wikitext-103-raw-v1")
