"""Keys and passwords in the configuration, on the command line, in an exception and in imported logs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from barograph.collectors import watch
from benchmarks.faults._support.processes import command, run
from benchmarks.faults._support.tally import Tally

CONFIGURATION: dict[str, Any] = {
    "api_key": "Cfg01x7", "OPENAI_API_KEY": "Cfg02x7", "hf_token": "Cfg03x7", "authToken": "Cfg04x7",
    "accessToken": "Cfg05x7", "aws_secret_access_key": "Cfg06x7", "aws_access_key_id": "Cfg07x7", "auth": "Cfg08x7",
    "pwd": "Cfg09x7", "database_url": "postgres://me:Cfg10x7@host/db", "wandb": {"key": "Cfg11x7"},
    "secrets": {"a": "Cfg12x7"}, "tokens_list": ["Cfg13x7"], "api_keys": ["Cfg14x7"], "bearer": "Cfg15x7",
    "cookie": "Cfg16x7", "private_key_pem": "Cfg17x7", "apikey": "Cfg18x7", "passphrase": "Cfg19x7",
    "Authorization": "Bearer Cfg20x7", "slack_webhook": "https://hooks.slack.com/services/Cfg21x7",
    "sas": "sig=Cfg22x7", "token": b"Cfg23x7", "accessKey": "Cfg24x7",
}  # fmt: skip
LINE = (
    "--api-key=Cmd01x7", "--api-key", "Cmd02x7", "api_key=Cmd03x7", "+wandb.api_key=Cmd04x7", "--openai.api_key",
    "Cmd05x7", "-p", "Cmd06x7", "--password", "-Cmd07x7", "--auth=Cmd08x7", "--url=https://me:Cmd09x7@host/",
    "--hf-token", "Cmd10x7", "--accessToken=Cmd11x7", "-u", "me:Cmd12x7", "--env", "API_KEY=Cmd13x7",
    '--config={"api_key": "Cmd14x7"}', "--pwd", "Cmd15x7", "--secrets", "a", "Cmd16x7", "--key", "Cmd17x7",
)  # fmt: skip
EXCEPTION = "401 for https://me:Exc01x7@host/?api_key=Exc02x7, Authorization: Bearer Exc03x7"
IMPORTED = {"api_key": "Imp01x7", "hf_token": "Imp02x7", "nested": {"password": "Imp03x7"}}
PROBES = {"Cfg": 24, "Cmd": 17, "Exc": 3, "Imp": 3}


def train(path: Path) -> None:
    sys.argv[1:] = LINE
    sys.orig_argv[:] = ["python", "train.py", *LINE]
    with watch(store=path, name="run", config=CONFIGURATION | {"lr": "Open01x7"}) as live:
        live.log(loss=1.0, step=1)
        raise RuntimeError(EXCEPTION)


def attack(folder: Path, quick: bool) -> Tally:
    tally, place = Tally(), folder / "store"
    place.mkdir()
    path, log = place / "runs.db", folder / "log.jsonl"
    run(lambda: train(path))
    rows = [{"config": IMPORTED}, *({"step": step, "loss": 1.0} for step in range(3))]
    log.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    status, shown = command("import", log, "--store", path)
    command("export", "run", "--jsonl", place / "run.jsonl", "--store", path)
    command("report", "run", "--out", place / "run.html", "--store", path)
    kept = b"".join(file.read_bytes() for file in place.rglob("*") if file.is_file())
    tally.count(status == 0 and b"Open01x7" in kept, f"what is no secret is gone: {shown}")
    for kind, count in PROBES.items():
        for number in range(1, count + 1):
            probe = f"{kind}{number:02}x7"
            tally.count(probe.encode() not in kept, f"{probe} is in plain")
    modes = {file.name: file.stat().st_mode & 0o077 for file in (path, path.with_name("runs.db.journals"))}
    tally.count(not any(modes.values()), f"others may read {modes}")
    return tally
