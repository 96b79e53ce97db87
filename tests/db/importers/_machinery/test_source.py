"""What is found in files and folders, and what is said of the rest."""

from __future__ import annotations

import contextlib
import os
import pickle

import pytest

from barograph.db import Store
from barograph.db.importers import find, take_in
from barograph.errors import StoreError
from tests.db.importers.written import write_csv, write_jsonl


def test_folders_are_walked_and_the_rest_is_named(tmp_path):
    for folder in ("a", "b/c", ".git", "d"):
        (tmp_path / folder).mkdir(parents=True)
    write_csv(tmp_path / "a" / "metrics.csv")
    write_jsonl(tmp_path / "b" / "c" / "log.txt")
    write_csv(tmp_path / ".git" / "hidden.csv")
    (tmp_path / "a" / "model.pt").write_bytes(b"PK\x03\x04\x00\x00step,loss\n")
    (tmp_path / "a" / "empty.csv").write_text("")
    (tmp_path / "d" / "notes.md").write_text("# step, loss\nwords\n")
    (tmp_path / "d" / "config.json").write_text('{"a": 1}')
    sources, refused = find([tmp_path, tmp_path / "a" / "metrics.csv"])
    assert sorted(source.name for source in sources) == ["a", "c"]
    said = " ".join(refused)
    assert all(name in said for name in ("model.pt", "empty.csv", "config.json")) and "hidden" not in said
    assert "empty.csv: empty" in said and "expected " in said and "CSV or TSV" in said


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match="no file or folder .*nothing.csv"):
        find([tmp_path / "nothing.csv"])


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")  # opening it would wait for ever
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    sources, refused = find([tmp_path])
    assert sources == [] and len(refused) == 2 and all("not a regular file" in sentence for sentence in refused)


def test_a_link_is_the_log_that_it_points_to(tmp_path):
    path = write_csv(tmp_path / "a.csv")
    (tmp_path / "b.csv").symlink_to(path)
    assert len(find([tmp_path])[0]) == 1


def test_a_log_that_goes_away_in_between(tmp_path):
    (source,), _ = find([write_csv(tmp_path / "a.csv")])
    gone = source.paths[0].rename(tmp_path / "b.csv")
    gone.touch()
    with pytest.raises(ValueError, match="a.csv: cannot be read"):
        take_in(Store(tmp_path / "runs.db"), source)


def test_pickles_are_never_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return (tmp_path / "sprung").touch, ()

    for name in ("log.csv", "log.jsonl", "trainer_state.json", "training_args.bin"):
        (tmp_path / name).write_bytes(pickle.dumps(Trap()) + b"\nstep,loss\n1,2\n")
    for source in find([tmp_path])[0]:
        with contextlib.suppress(StoreError):
            take_in(Store(tmp_path / "runs.db"), source)
    assert not (tmp_path / "sprung").exists()
