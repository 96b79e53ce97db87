"""Folders that are followed while the server runs: by events, by polling, and with a broken log among them."""

from __future__ import annotations

import json
import time

import pytest

from barograph.dashboard.services.background import changes
from barograph.dashboard.services.background.log_follower import LogFollower, followed, followed_by_default
from barograph.db import Store


def write(path, first: int, end: int) -> None:
    with open(path, "a") as file:
        file.writelines(json.dumps({"step": s, "loss": 5.0 / (s + 1)}) + "\n" for s in range(first, end))


def until(found, seconds: float = 30.0) -> float:
    began = time.monotonic()
    while not found():
        assert time.monotonic() - began < seconds, "it did not come about"
        time.sleep(0.02)
    return time.monotonic() - began


@pytest.fixture
def place(tmp_path):
    (tmp_path / "logs").mkdir()
    return tmp_path


def steps(place, name: str = "a") -> int:
    return next((run.last_step or 0 for run in Store(place / "runs.db").runs() if run.name == name), -1)


@pytest.mark.parametrize("how", ["as it changes", "polled every 0.2 s", "looked at every 0.3 s"])
def test_a_log_that_appears_and_grows_is_live(place, how, monkeypatch):
    def refused():
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(changes, "POLL", 0.2)
    if how != "as it changes":
        monkeypatch.setattr(changes, "Observer", refused)
    if how.startswith("looked"):
        monkeypatch.setattr(changes, "PollingObserver", lambda timeout: refused())
    following = LogFollower(place / "runs.db", [place / "logs"], pause=0.05, idle=0.3 if "looked" in how else 30.0)
    following.start()
    try:
        until(lambda: following.folders)
        write(place / "logs" / "a.jsonl", 0, 10)
        until(lambda: steps(place) == 9)
        write(place / "logs" / "a.jsonl", 10, 20)
        until(lambda: steps(place) == 19)
        assert Store(place / "runs.db").run("a").state == "running"
        (state,) = followed(place / "runs.db")
        assert state.how == how and [(one.file, one.live) for one in state.logs] == [("a.jsonl", True)]
    finally:
        following.stop()
    assert followed(place / "runs.db") == []


def test_two_folders_one_of_which_goes_away(place):
    (place / "more").mkdir()
    write(place / "logs" / "a.jsonl", 0, 5)
    write(place / "more" / "b.jsonl", 0, 5)
    following = LogFollower(place / "runs.db", [place / "logs", place / "more"], pause=0.05, idle=0.3).start()
    try:
        until(lambda: steps(place) == 4 and steps(place, "b") == 4)
        (place / "more" / "b.jsonl").unlink()
        (place / "more").rmdir()
        write(place / "logs" / "a.jsonl", 5, 9)
        until(lambda: steps(place) == 8)
        until(lambda: [state.problem for state in following.folders] == ["", "it is not there"])
        assert steps(place, "b") == 4
    finally:
        following.stop()


def test_a_store_that_cannot_be_used_is_said_once_and_tried_again(place, caplog):
    (place / "runs.db").write_text("a letter " * 1000)
    write(place / "logs" / "a.jsonl", 0, 5)
    following = LogFollower(place / "runs.db", [place / "logs"], pause=0.05, idle=0.1).start()
    try:
        until(lambda: caplog.records)
        (place / "runs.db").unlink()
        until(lambda: steps(place) == 4)
    finally:
        following.stop()
    assert len([record for record in caplog.records if "not an SQLite database" in record.message]) <= 1


def test_no_folder_is_nothing_to_do(place, monkeypatch):
    monkeypatch.delenv("BAROGRAPH_WATCH", raising=False)
    following = LogFollower(place / "runs.db", followed_by_default()).start()
    following.stop()
    assert followed(place / "runs.db") == [] and not (place / "runs.db").exists()
