"""The commit a run was started from, and that nothing of the repository's own is run to know it."""

from __future__ import annotations

import pytest

from barograph.collectors.recording.git_commit import commit
from benchmarks.faults._support.repository import PROGRAMS, compare, git, made, touched


def test_the_commit_and_what_changed_since(tmp_path):
    assert commit(tmp_path) == {}
    git(tmp_path, "init", "-q")
    (tmp_path / "train.py").write_text("lr = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "a")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert commit(tmp_path) == {"commit": head, "diff": ""}
    (tmp_path / "train.py").write_text("lr = 2\n")
    first = commit(tmp_path)
    (tmp_path / "train.py").write_text("lr = 3\n")
    second = commit(tmp_path)
    assert first["commit"] == second["commit"] == head and len({"", first["diff"], second["diff"]}) == 3


def test_git_that_hangs_is_left_behind(tmp_path, monkeypatch):
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nsleep 30\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert commit(tmp_path, seconds=0.2) == {}


@pytest.mark.parametrize("kind", PROGRAMS)
def test_what_a_repository_names_is_not_run(tmp_path, kind):
    place, mark = tmp_path / "repository", tmp_path / "was-run"
    made(place, kind, mark)
    found = commit(place)
    assert not mark.exists()
    assert kind == "fetch" or (len(found["commit"]) == 40 and found["diff"])
    touched(place)
    compare(place)
    assert mark.exists(), "git alone would have run it"
