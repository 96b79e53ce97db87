"""The file that wandb 0.31.0 wrote, whole, damaged and resumed."""

from __future__ import annotations

import struct
from zlib import crc32

import pytest

from barograph.db import Store
from barograph.db.importers import find, take_in
from barograph.db.importers._machinery import leveldb, protobuf
from tests.db.importers.written import LOSS, bring, points, unpacked


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


def resumed(folder, *times: str):
    for time in times:
        (folder / f"offline-run-{time}-abc").mkdir(parents=True)
    return [folder / f"offline-run-{time}-abc" / "run-abc.wandb" for time in times]


def framed(records: list[bytes]) -> bytes:
    """Records as one file: the header, and blocks of 32 kB."""
    out = bytearray(b":W&B\xe1\xbe\x00")
    for record in records:
        first = True
        while first or record:
            left = leveldb.BLOCK - len(out) % leveldb.BLOCK
            if left < 7:
                out += bytes(left)
                continue
            part, record = record[: left - 7], record[left - 7 :]
            kind = (1 if not record else 2) if first else (3 if record else 4)
            out += struct.pack("<IHB", crc32(part, crc32(bytes([kind]))), len(part), kind) + part
            first = False
    return bytes(out)


@pytest.fixture
def records(tmp_path):
    path = unpacked("wandb", tmp_path / "raw")
    found = [record for _, record in leveldb.read(path, 7, lambda size: None)]
    assert None not in found and framed(found) == path.read_bytes()
    return found


def test_all_that_the_run_says_of_itself(store, tmp_path):
    run = store.run(bring(store, unpacked("wandb", tmp_path / "run-abc.wandb")).run.id)
    assert (run.name, run.project, run.note, run.tags) == ("my-run", "tests", "a <b>note</b>", ("small", "cpu"))
    optim = {"lr": 0.001, "betas": [0.9, 0.95]}
    assert run.config == {"model": "gpt", "batch_size": 32, "optim": optim, "late": True}
    found = points(store, run.id)
    assert set(found) == {"loss", ("lr", "0"), "tokens", "val_loss", "time", "nan", "nest/a", "nest/b/c"}
    assert found["nan"] == ([100], ["nan"]) and found["nest/b/c"] == ([100], ["2.0"])
    assert found["tokens"][1][-1] == "204800.0" and run.ended > run.started > 1.7e9


def test_a_run_without_its_end_has_stopped(store, tmp_path, records):
    path = tmp_path / "run-abc.wandb"
    path.write_bytes(framed(records[:-20]))
    done = bring(store, path)
    assert done.complete and store.run(done.run.id).state == "stopped"
    path.write_bytes(framed(records))
    assert store.run(bring(store, path).run.id).state == "finished"


def test_the_files_of_a_resumed_run_are_one_run(store, tmp_path, records):
    history = [i for i, record in enumerate(records) if any(number == 2 for number, *_ in protobuf.fields(record))]
    first, second = resumed(tmp_path / "wandb", "20240101_120000", "20240102_120000")
    first.write_bytes(framed(records[: history[150]]))
    done = bring(store, first)
    second.write_bytes(framed(records[: history[0]] + records[history[100] :]))
    sources, _ = find([tmp_path / "wandb"])
    (source,) = sources
    again = take_in(store, source)
    assert again.run.id == done.run.id == bring(store, second).run.id
    assert [(a.number, a.from_step) for a in store.attempts(done.run.id)] == [(0, 0), (1, 99)]
    loss = store.series(done.run.id, "loss")
    assert loss.steps.tolist() == list(range(200)) and loss.values == pytest.approx(LOSS)


def test_a_damaged_block_costs_itself(store, tmp_path, records):
    data = bytearray(framed(records))
    assert len(data) > 2 * leveldb.BLOCK
    data[leveldb.BLOCK + 2000] ^= 0xFF
    path = tmp_path / "run-abc.wandb"
    path.write_bytes(data)
    done = bring(store, path)
    assert "could not be read" in done.sentence and "byte" in done.sentence and "stopped" not in done.sentence
    loss = store.series(done.run.id, "loss")
    assert 100 < len(loss) < 200 and {0, 199} <= set(loss.steps.tolist())
    assert loss.values == pytest.approx(LOSS[loss.steps])


def test_room_that_was_set_aside_is_no_damage(store, tmp_path, records):
    path = tmp_path / "run-abc.wandb"
    data = framed(records)
    path.write_bytes(data + bytes(-len(data) % leveldb.BLOCK) + bytes(leveldb.BLOCK))
    assert bring(store, path).complete
