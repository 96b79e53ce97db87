"""Folders of event files that torch's SummaryWriter wrote, and what damage and restarts do to them."""

from __future__ import annotations

import math
import struct

import pytest

from barograph.db import Store
from barograph.db.exchange.checksum import masked_crc
from barograph.db.importers import find, take_in
from barograph.db.importers._machinery import tfrecord
from tests.db.importers.written import LOSS, bring, points, unpacked

NAME = "events.out.tfevents.{}.host.1.0"


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


@pytest.fixture
def tree(store, tmp_path):
    """{name: (run, {key: {step: value}})} of the folder that holds one of everything."""
    unpacked("tensorboard_tree", tmp_path / "logs")
    sources, refused = find([tmp_path / "logs"])
    assert not refused
    found = {}
    for source in sources:
        done = take_in(store, source)
        assert done.complete
        series = points(store, done.run.id)
        found[done.run.name] = (
            store.run(done.run.id),
            {key: dict(zip(steps, map(float, values), strict=True)) for key, (steps, values) in series.items()},
        )
    return found


def test_train_and_validation_are_sides_of_one_run(tree):
    _, found = tree["keras-like"]
    assert set(found) == {"loss", "val_loss", "time"}
    assert list(found["loss"].values()) == pytest.approx(LOSS[:5], rel=1e-6)
    assert list(found["val_loss"].values()) == pytest.approx(LOSS[:5] + 0.1, rel=1e-6)
    assert found["time"] == {s: s for s in range(5)}


def test_what_torch_puts_into_folders_of_its_own_belongs_to_the_run(tree):
    run, found = tree["torch-like"]
    assert set(tree) == {"keras-like", "torch-like"}
    assert found["loss"][4] == pytest.approx(LOSS[4]) and found["val_loss"][4] == pytest.approx(LOSS[4] + 0.1)
    assert found["hparam/best"] == {0: 2.0}
    assert run.config == {"learning_rate": 0.001, "optim": "adamw", "width": 64, "depth": 2.5, "name": "<i>a</i>",
                          "bias": True}  # fmt: skip


def test_tensors_of_one_number_are_scalars_and_others_are_not(tree):
    _, found = tree["torch-like"]
    assert found["tensor"] == {s: s + 0.5 for s in range(5)}
    assert found["double"] == dict.fromkeys(range(5), 1 / 3)  # float64, whole
    assert found["big steps"] == {10 ** (3 * s): s for s in range(5)}
    assert not any("weights" in key or "notes" in key for key in found)


def test_a_sweep_of_one_writer_is_many_runs(store, tmp_path):
    unpacked("tensorboard_sweep", tmp_path / "sweep")
    sources, _ = find([tmp_path / "sweep"])
    configs = []
    for source in sources:
        try:
            configs.append(take_in(store, source).run.config)
        except ValueError as error:
            assert "sweep: no number to import" in str(error)  # the writer's own file
    assert configs == [{"width": 0}, {"width": 1}]


# ---- the same bytes put together anew --------------------------------------------------------------------------------


def records(data: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        found.append(data[at : at + length + 16])
        at += length + 16
    return found


@pytest.fixture
def flat(tmp_path):
    """The records of a run of 200 steps: its version, and 2 a step, 3 every 50."""
    return records(unpacked("tensorboard", tmp_path / "raw").read_bytes())


def test_a_restart_from_a_checkpoint_is_a_new_attempt(store, tmp_path, flat):
    folder = tmp_path / "run"
    folder.mkdir()
    head, rows = flat[0], flat[1:]
    (folder / NAME.format(1700000000)).write_bytes(head + b"".join(rows[:303]))  # up to step 149
    (folder / NAME.format(1700009999)).write_bytes(head + b"".join(rows[202:]))  # from step 100 on
    done = bring(store, folder)
    assert [(a.number, a.from_step) for a in store.attempts(done.run.id)] == [(0, 0), (1, 99)]
    loss = store.series(done.run.id, "loss")
    assert loss.steps.tolist() == list(range(200)) and loss.values == pytest.approx(LOSS, rel=1e-6)
    assert bring(store, folder).points == 0


@pytest.mark.parametrize("part", ["length", "data"])
def test_a_damaged_record_costs_itself(store, tmp_path, flat, part):
    whole = [bytearray(record) for record in flat]
    whole[21][3 if part == "length" else 14] ^= 0x40
    path = tmp_path / NAME.format(1700000000)
    path.write_bytes(b"".join(whole))
    done = bring(store, path)
    place = sum(map(len, whole[:21]))
    assert f"byte {place} could not be read" in done.sentence and not done.complete
    assert store.series(done.run.id, "loss").steps.tolist() == [s for s in range(200) if s != 10]
    assert len(store.series(done.run.id, "lr", ("0",))) == 200


def test_a_cut_tail_is_told_by_its_first_byte(store, tmp_path, flat):
    path = tmp_path / NAME.format(1700000000)
    path.write_bytes(b"".join(flat[:101]) + flat[101][:-1])
    assert f"reading stopped at byte {sum(map(len, flat[:101]))}" in bring(store, path).sentence


@pytest.mark.parametrize("length", [1 << 63, 1 << 40, 5 << 20])
def test_a_record_of_any_length_is_passed_over(store, tmp_path, flat, length):
    """Its length has a sound checksum: an image, or a file made to exhaust the memory."""
    head = struct.pack("<Q", length)
    crc = masked_crc(head)
    body = bytes(length + 4) if length < 1 << 30 else bytes(100)
    path = tmp_path / NAME.format(1700000000)
    path.write_bytes(b"".join(flat[:51]) + head + struct.pack("<I", crc) + body + b"".join(flat[51:]))
    done = bring(store, path)
    loss = store.series(done.run.id, "loss")
    if length < 1 << 30:
        assert loss.steps.tolist() == list(range(200))
    else:
        assert loss.steps.tolist() == list(range(25)) and "stopped at byte" in done.sentence


def test_pieces_join_without_a_seam(store, tmp_path, flat, monkeypatch):
    path = tmp_path / NAME.format(1700000000)
    path.write_bytes(b"".join(flat))
    whole = points(store, bring(store, path).run.id)
    monkeypatch.setattr(tfrecord, "PIECE", 101)
    assert points(store, bring(store, path, name="small").run.id) == whole


def test_a_counter_that_begins_again_each_epoch_does_not_tear_the_run_apart(store, tmp_path, flat):
    """One series with steps of its own falls back while the others go on: no attempt ends there."""
    path = tmp_path / NAME.format(1700000000)
    lr = [record for record in flat[1:] if b"learning_rate" in record]
    rest = [record for record in flat[1:] if b"learning_rate" not in record]
    mixed = [pair for i, record in enumerate(rest) for pair in (record, lr[i % 20])]
    path.write_bytes(flat[0] + b"".join(mixed))
    run = bring(store, path).run.id
    assert len(store.attempts(run)) == 1 and len(store.series(run, "loss")) == 200


def test_lightning_in_tensorboard(store, tmp_path):
    folder = unpacked("lightning_tb", tmp_path / "tb")
    sources, _ = find([folder])
    (source,) = sources
    run = store.run(take_in(store, source).run.id)
    found = points(store, run.id)
    assert run.name == "tb/version_0" and run.config["width"] == 4 and run.config["optim"] == "adamw"
    assert len(found["loss"][0]) == 12 and len(found["val_loss"][0]) == 3
    assert [float(v) for v in found[("lr", "0")][1]][::4] == pytest.approx([1e-3, 5e-4, 2.5e-4])
    assert not any(math.isnan(float(v)) for v in found["loss"][1])
