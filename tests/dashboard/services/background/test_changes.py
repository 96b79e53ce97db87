"""Changes of files are learnt of by events, by polling, or not at all."""

from pathlib import Path

import pytest

from barograph.dashboard.services.background import changes
from barograph.dashboard.services.background.changes import Changes
from tests.dashboard.services.alerts.inbox import eventually


def refused(**_: float):
    raise OSError(28, "inotify watch limit reached")


@pytest.mark.parametrize("how", ["as it changes", "polled every 0.2 s", ""])
def test_a_change_is_heard_of_or_the_caller_knows_better(tmp_path, monkeypatch, how):
    monkeypatch.setattr(changes, "POLL", 0.2)
    if how != "as it changes":
        monkeypatch.setattr(changes, "Observer", refused)
    if not how:
        monkeypatch.setattr(changes, "PollingObserver", refused)
    heard: list[tuple[Path, bool]] = []
    failures: list[Exception] = []
    watched = Changes(lambda path, is_folder: heard.append((path, is_folder)), failures.append)
    try:
        assert watched.follow(tmp_path) == how
        assert len(failures) == {"as it changes": 0, "polled every 0.2 s": 1, "": 2}[how]
        (tmp_path / "a.log").write_text("1")
        if how:
            assert eventually(lambda: (tmp_path / "a.log", False) in heard)
    finally:
        watched.stop()
    heard.clear()
    (tmp_path / "b.log").write_text("1")
    assert not heard, "it has stopped"


def test_reading_is_no_change_and_a_folder_is_one(tmp_path):
    (tmp_path / "a.log").write_text("1")
    heard: list[tuple[Path, bool]] = []
    watched = Changes(lambda path, is_folder: heard.append((path, is_folder)), lambda error: None)
    try:
        watched.follow(tmp_path, recursive=False, poll=False)
        (tmp_path / "a.log").read_text()
        (tmp_path / "inner").mkdir()
        assert eventually(lambda: (tmp_path / "inner", True) in heard)
        assert (tmp_path / "a.log", False) not in heard
    finally:
        watched.stop()


def test_on_a_network_file_system_it_polls(tmp_path, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_NETWORK", "1")
    watched = Changes(lambda path, is_folder: None, lambda error: None)
    try:
        assert watched.follow(tmp_path) == "polled every 5 s"
    finally:
        watched.stop()
