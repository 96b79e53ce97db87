"""Logs that grow: each look reads what is new, whatever else happens to the file."""

from __future__ import annotations

import os

import numpy as np
import pytest

from barograph.db import Store
from barograph.db.importers import Following, find, importers
from barograph.db.importers._machinery import lines
from barograph.errors import StoreError
from tests.db.importers.test_every_format import NAMES
from tests.db.importers.written import LOSS, WRITERS, bring, points, write_jsonl

FORMATS = [module.__name__.rsplit(".", 1)[-1] for module in importers()]


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


def followed(store, path) -> Following:
    (source,), _ = find([path])
    return Following(store, source)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_followed_is_what_is_imported_at_the_end(store, tmp_path, name):
    folder = tmp_path / "my-run"
    folder.mkdir()
    path = WRITERS[name](folder / NAMES[name], 60)
    log = followed(store, path)
    new = [log.look().points]
    for n in (61, 130, 130, 200):
        path = WRITERS[name](folder / NAMES[name], n)
        (source,), _ = find([path])
        if source.paths != log.source.paths:  # a metric's file that was not there
            log = Following(store, source)
        new.append(found.points if (found := log.look()) else 0)
    assert log.look() is None
    whole = Store(tmp_path / "whole.db")
    done = bring(whole, path)
    (run,) = store.runs()
    assert run.id == done.run.id and points(store, run.id) == points(whole, done.run.id)
    assert min(new[0], new[2], new[4]) > 0
    assert 0 <= sum(new) - done.points <= 2 * len(new)  # the last step's time may be told again
    assert store.check() == [] and len(store.events(run.id)) == 1
    assert bring(store, path).points == 0


@pytest.mark.parametrize("name", ["delimited", "json_lines", "tensorboard", "text_logs"])
def test_each_byte_is_read_once(store, tmp_path, monkeypatch, name):
    whole = WRITERS[name](tmp_path / f"whole-{NAMES[name]}").read_bytes()
    path, read, real = tmp_path / NAMES[name], [0], lines.pieces

    def counted(*given):
        for piece in real(*given):
            read[0] += len(piece)
            yield piece

    for module in importers():
        for place in (lines, getattr(module, "tfrecord", lines)):
            monkeypatch.setattr(place, "pieces", counted)
    path.write_bytes(whole[:5000])
    log = followed(store, path)
    for end in range(5000, len(whole) + 1000, 1000):
        path.write_bytes(whole[:end])
        log.look()
    assert read[0] == len(whole)
    assert np.allclose(store.series(store.runs()[0].id, "loss").values, LOSS, rtol=5e-3)


def test_half_a_line_is_left_until_it_is_whole(store, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("step,loss\n1,2.5\n2,2.")
    log = followed(store, path)
    log.look()
    run = store.runs()[0].id
    assert points(store, run)["loss"] == ([1], ["2.5"])
    with open(path, "a") as file:
        file.write("25\n")
    assert log.look().points == 1 and points(store, run)["loss"] == ([1, 2], ["2.5", "2.25"])


@pytest.mark.parametrize("how", ["cut", "another", "gone and back"])
def test_a_file_that_is_cut_or_replaced_is_read_anew(store, tmp_path, how):
    path = write_jsonl(tmp_path / "log.jsonl", 100)
    log = followed(store, path)
    log.look()
    if how == "cut":
        os.truncate(path, 200)
        log.look()
    else:
        path.unlink()
    if how == "gone and back":
        with pytest.raises(StoreError, match=r"log.jsonl: cannot be read"):
            log.look()
    write_jsonl(path, 200)
    log.look()
    run = store.runs()[0].id
    assert np.array_equal(store.series(run, "loss").values, LOSS) and store.check() == []
    assert len(store.attempts(run)) == 1


def test_nothing_yet_is_nothing_yet(store, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("step,loss\n")
    log = followed(store, path)
    assert log.look() is None and store.runs() == []
    path.write_text("step,loss\n1,2\n")
    assert log.look().points == 1


def test_train_and_validation_grow_side_by_side(store, tmp_path):
    for side in ("train", "validation"):
        (tmp_path / "run" / side).mkdir(parents=True)
    name = "events.out.tfevents.17000000{:02}.host.1.0"
    for n in (50, 100, 200):
        WRITERS["tensorboard"](tmp_path / "run" / "train" / name.format(1), n)
        WRITERS["tensorboard"](tmp_path / "run" / "validation" / name.format(2), n)
        if n == 50:
            log = followed(store, tmp_path / "run")
        log.look()
    run = store.runs()[0].id
    assert len(store.series(run, "loss")) == 200
    assert len(store.series(run, "val_loss")) == 200 and len(store.attempts(run)) == 1
    before = points(store, run)
    assert bring(store, tmp_path / "run").points == 0 and points(store, run) == before


def test_a_likelier_name_that_comes_later_does_not_change_what_was_decided(store, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"step": 1, "train_loss": 3}\n')
    run = bring(store, path).run.id
    with open(path, "a") as file:
        file.write('{"step": 2, "train_loss": 2, "loss": 9}\n')
    bring(store, path)
    found = points(store, run)
    assert found["loss"] == ([1, 2], ["3.0", "2.0"]) and found["loss (2)"] == ([2], ["9.0"])
