"""Secrets that an older version has stored: found without being shown, and masked in every page of the file."""

from __future__ import annotations

import pytest

from barograph.db import Event, Run, RunWriter, Store
from barograph.db.stored_secrets import mask_stored
from barograph.errors import StoreError

RUN = Run("a", "a", config={"lr": 0.1, "wandb": {"api_key": "HIDDEN1"}}, provenance={"command": "x --hf-token HIDDEN2"})
EVENTS = [Event(3, "exception", "https://me:HIDDEN3@host", 1.0), Event(4, "data", "fine", 1.0, data={"n": 1})]


@pytest.fixture
def leaky(tmp_path, monkeypatch):
    """A store as an older version wrote it, with an older copy of a secret in a free page."""
    path = tmp_path / "runs.db"
    with monkeypatch.context() as older:
        older.setattr("barograph.db.append.masked_fields", lambda kind, fields, rule: fields)
        store = Store(path)
        store.append(Run("b", "b", config={"password": "HIDDEN4" * 2000}), {"loss": ([1], [1.0])})
        store.append(RUN, {"loss": ([1, 2], [2.0, 1.0])}, events=EVENTS)
        store.delete("b")
        store.close()
    return path


def raw(path) -> bytes:
    return b"".join(one.read_bytes() for one in path.parent.rglob("*") if one.is_file())


def test_they_are_found_and_masked_in_every_page(leaky):
    assert b"HIDDEN1" in raw(leaky)
    store = Store(leaky)
    found = store.secrets()
    store.close()
    assert found == ["run a: config.wandb.api_key, provenance.command", "run a, exception at step 3: text"]
    assert mask_stored(leaky) == found
    assert b"HIDDEN" not in raw(leaky)
    store = Store(leaky)
    assert store.secrets() == [] and store.check() == [] and mask_stored(leaky) == []
    run = store.runs()[0]
    assert run.config == {"lr": 0.1, "wandb": {"api_key": "***"}} and run.provenance["command"] == "x --hf-token ***"
    assert [event.text for event in store.events("a")] == ["https://me:***@host", "fine"]
    assert store.series("a", "loss").values.tolist() == [2.0, 1.0]


def test_what_the_settings_allow_is_none(leaky):
    (leaky.parent / "barograph.toml").write_text('[secrets]\nshow = ["api_key", "command"]\n')
    assert Store(leaky).secrets() == ["run a, exception at step 3: text"]


def test_not_while_a_run_is_being_written(leaky):
    writer = RunWriter.open(leaky, Run("", "live"))
    with pytest.raises(StoreError, match="being written"):
        mask_stored(leaky)
    writer.close()
