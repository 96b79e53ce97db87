"""No door of the store lets a secret in: what was masked is nowhere in its files."""

from __future__ import annotations

import json
import time

import pytest

from barograph.db import Event, Run, Store
from barograph.db.importers import find, take_in
from barograph.db.masking import rule_of
from barograph.db.writer import RunWriter

CONFIG = {"lr": 0.1, "api_key": "HIDDEN1", "wandb": {"key": "HIDDEN2x"}, "tokenizer": "bytes", "max_tokens": 5}
COMMAND = "python train.py --hf-token HIDDEN3 --lr 0.1"
TEXT = "RuntimeError: 401 for https://me:HIDDEN4@host/?token=HIDDEN5"


def raw(folder) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def record(**more) -> Run:
    provenance = {"command": COMMAND, "folder": "/home/me"}
    return Run("a", "a", started=time.time(), config=CONFIG, provenance=provenance, note=TEXT, **more)


def check(store: Store) -> None:
    (run,) = store.runs()
    assert run.config == CONFIG | {"api_key": "***", "wandb": {"key": "***"}}
    assert run.provenance["command"] == "python train.py --hf-token *** --lr 0.1"
    assert run.note == "RuntimeError: 401 for https://me:***@host/?token=***"
    assert [(event.text, event.data) for event in store.events("a")] == [(run.note, {"password": "***", "rank": 0})]


def test_a_writer_and_its_journal(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", record())
    writer.points(1, ("loss",), (1.0,))
    writer.event(Event(1, "exception", TEXT, 2.0, data={"password": "HIDDEN6", "rank": 0}))
    writer.update(config=CONFIG | {"api_key": "HIDDEN7"})
    assert b"HIDDEN" not in raw(tmp_path) and b"bytes" in raw(tmp_path)
    writer.close()
    check(Store(tmp_path / "runs.db"))
    assert b"HIDDEN" not in raw(tmp_path)


def test_whole_series_and_changes_by_hand(tmp_path):
    store = Store(tmp_path / "runs.db")
    event = Event(1, "exception", TEXT, 2.0, data={"password": "HIDDEN6", "rank": 0})
    for _ in range(2):  # twice changes nothing
        store.append(record(), {"loss": ([1], [1.0])}, events=[event])
    check(store)
    store.edit("a", name="Bearer HIDDEN8", note="password=HIDDEN9", tags=["https://me:HIDDEN10@host"])
    assert (store.runs()[0].name, store.runs()[0].note) == ("Bearer ***", "password=***")
    store.close()
    assert b"HIDDEN" not in raw(tmp_path)


def test_a_journal_of_an_older_writer(tmp_path, monkeypatch):
    monkeypatch.setattr("barograph.db.writer.masked_note", lambda note, rule: note)
    writer = RunWriter.open(tmp_path / "runs.db", record())
    writer.points(1, ("loss",), (1.0,))
    writer.close()
    store = Store(tmp_path / "runs.db")
    assert store.runs()[0].config["api_key"] == "***"
    store.close()
    assert b"HIDDEN" not in raw(tmp_path)


def test_the_configuration_of_an_imported_log(tmp_path):
    log = tmp_path / "log.jsonl"
    rows = [{"config": CONFIG}, *({"step": step, "loss": 1.0, "token": step} for step in range(3))]
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    store = Store(tmp_path / "runs.db")
    for _ in range(2):
        imported = take_in(store, find([log])[0][0])
    (run,) = store.runs()
    assert run.config["api_key"] == run.config["wandb"]["key"] == "***" and run.config["max_tokens"] == 5
    assert {"loss", "token"} <= set(store.signals(run.id)) and "***" not in store.signals(run.id)
    assert not imported.points, "a masked name of a column would make a series anew"
    store.close()
    log.unlink()
    assert b"HIDDEN" not in raw(tmp_path)


def test_what_the_settings_declare(tmp_path):
    (tmp_path / "barograph.toml").write_text('[secrets]\nmask = ["licence"]\nshow = ["api_key"]\n')
    writer = RunWriter.open(tmp_path / "runs.db", Run("a", "a", config={"licence": 7, "api_key": "mine"}))
    writer.close()
    assert Store(tmp_path / "runs.db").runs()[0].config == {"licence": "***", "api_key": "mine"}


@pytest.mark.parametrize("wrong", ["[secrets", "secrets = 3", "[secrets]\nmask = 3", "\0", "[secrets]\nmask = [1]"])
def test_settings_that_cannot_be_read_leave_the_usual_rule(tmp_path, wrong):
    (tmp_path / "barograph.toml").write_text(wrong)
    rule = rule_of(tmp_path / "runs.db")
    assert rule.value({"api_key": "a", "lr": 1}) == {"api_key": "***", "lr": 1}
