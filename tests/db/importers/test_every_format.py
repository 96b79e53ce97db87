"""What every importer must do; a new file in the folder is checked here once it has a writer in `written.py`."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from barograph.db import Store
from barograph.db.importers import find, importers, take_in
from barograph.db.importers._machinery import leveldb, lines, tfrecord
from barograph.errors import StoreError
from tests.db.importers.written import LOSS, LR, STEPS, WRITERS, body, bring, points

NAMES = {
    "delimited": "log.csv", "json_lines": "log.jsonl", "mlflow_files": "mlruns", "mlflow_sqlite": "mlflow.db",
    "parquet": "log.parquet", "tensorboard": "events.out.tfevents.1700000000.host.1.0", "text_logs": "log.txt",
    "trackio": "tests.db", "trainer_state": "trainer_state.json", "wandb_csv": "chart.csv",
    "wandb_offline": "run-abc.wandb",
}  # fmt: skip
EXACT = {"tensorboard": 1e-7, "text_logs": 5e-3}  # float32, and the digits that are printed
NO_ORDER = {"parquet", "mlflow_sqlite", "trackio"}  # what is cut off may be the part by which the rest is found


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


@pytest.fixture(params=[module.__name__.rsplit(".", 1)[-1] for module in importers()])
def log(request, tmp_path):
    """(write(n) -> path) of one format, in a folder of its own; `log.format` names it."""
    folder = tmp_path / "my-run"
    folder.mkdir()

    def write(n=200):
        return WRITERS[request.param](folder / NAMES[request.param], n)

    write.format = request.param
    write.exact = {"rtol": EXACT.get(request.param, 0), "atol": 0}
    return write


def test_reads_the_run(store, log):
    done = bring(store, log(), project="tests")
    run = store.run("my-run")
    assert (run.id, run.project, run.state, run.last_step) == (done.run.id, "tests", "finished", 199)
    assert done.complete
    loss = store.series(run.id, "loss")
    assert np.array_equal(loss.steps, STEPS) and np.allclose(loss.values, LOSS, **log.exact)
    assert np.allclose(store.series(run.id, "lr", ("0",)).values, LR, **log.exact)
    val = store.series(run.id, "val_loss")
    assert val.steps.tolist() == [49, 99, 149, 199] and np.allclose(val.values, LOSS[49::50] + 0.1)
    assert store.attempts(run.id)[0].number == 0 and len(store.attempts(run.id)) == 1
    signals = store.signals(run.id)
    assert signals["loss"].better == "lower" and signals["lr"].axes == ("group",)
    (event,) = store.events(run.id)
    assert event.kind == "import" and event.data["unread"] == 0 and str(event.data["source"]) in event.text
    assert store.check() == []


def test_again_changes_nothing(store, log):
    path = log()
    first = bring(store, path)
    before, run, events = points(store, first.run.id), store.runs(), store.events(first.run.id)
    second = bring(store, path)
    assert second.points == 0 and "nothing new" in second.sentence
    assert (points(store, first.run.id), store.runs(), store.events(first.run.id)) == (before, run, events)


def test_growth_adds_only_what_is_new(store, log, tmp_path):
    short = bring(store, log(120))
    grown = bring(store, log(200))
    assert grown.run.id == short.run.id and len(store.runs()) == 1
    whole = Store(tmp_path / "whole.db")
    all_at_once = bring(whole, log(200))
    assert grown.points == all_at_once.points - short.points
    assert points(store, grown.run.id) == points(whole, all_at_once.run.id)
    assert len(store.events(grown.run.id)) == 1


def test_what_the_user_wrote_stays(store, log):
    run = bring(store, log(120)).run.id
    store.edit(run, name="mine", note="kept", tags=["a"])
    bring(store, log(200))
    kept = store.run(run)
    assert (kept.name, kept.note, kept.tags, kept.last_step) == ("mine", "kept", ("a",), 199)


def stopped(log) -> str:
    unit = {module.__name__.rsplit(".", 1)[-1]: getattr(module, "UNIT", "line") for module in importers()}[log.format]
    return f"stopped at {unit} "


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_truncated_file_keeps_its_good_part(store, log, share):
    path = log()
    data = body(path).read_bytes()
    body(path).write_bytes(data[: int(len(data) * share) - 3].rstrip(b"\n"))
    if log.format in NO_ORDER:
        sources, refused = find([path])
        assert sources or refused
        for source in sources:
            with pytest.raises(StoreError, match="missing or damaged|no number to import"):
                assert not take_in(store, source).complete
                raise StoreError("no number to import")
    else:
        done = bring(store, path)
        loss = store.series(done.run.id, "loss")
        assert len(loss) >= 190 * share and np.allclose(loss.values, LOSS[: len(loss)], **log.exact)
        assert stopped(log) in done.sentence.replace(" of train/loss", "") and not done.complete
    body(path).write_bytes(data)
    done = bring(store, path)
    assert done.complete and np.allclose(store.series(done.run.id, "loss").values, LOSS, **log.exact)
    assert len(store.events(done.run.id)) == 1


def test_binary_rubbish_behind_the_good_part(store, log):
    path = log()
    body(path).write_bytes(body(path).read_bytes() + np.random.default_rng(0).bytes(5000))
    if log.format == "parquet":
        with pytest.raises(StoreError, match="its end, where its columns are listed, is missing or damaged"):
            bring(store, path)
        return
    done = bring(store, path)
    assert len(store.series(done.run.id, "loss")) == 200
    if log.format not in NO_ORDER:
        assert stopped(log) in done.sentence.replace(" of train/loss", "")
    assert store.check() == []


@pytest.mark.parametrize("seed", range(6))
def test_random_damage_never_raises_but_in_a_sentence(store, log, seed):
    path = log()
    data = bytearray(body(path).read_bytes())
    draw = np.random.default_rng(seed)
    for _ in range(20):
        data[draw.integers(len(data))] = draw.integers(256)
    body(path).write_bytes(bytes(data))
    sources, refused = find([path])
    assert len(sources) + len(refused) >= 1
    for source in sources:
        try:
            take_in(store, source)
        except StoreError as error:
            assert "\n" not in str(error)
    assert store.check() == []


def test_a_name_makes_another_run_of_the_same_log(store, log):
    path = log()
    assert bring(store, path, name="one").run.id != bring(store, path, name="two").run.id
    assert {run.name for run in store.runs()} == {"one", "two"}


def test_progress_reports_every_byte(store, log):
    path, told = log(), []
    bring(store, path, meter=told.append)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    assert sum(told) == sum(file.stat().st_size for file in files)


@pytest.mark.parametrize(("filler", "size"), [(b"\0", 8 << 20), (b"x", 8 << 20), (b"\n", 1 << 18)])
def test_what_lies_behind_the_good_part_fills_no_memory(store, log, filler, size, monkeypatch):
    """Everything a hundredth of its size: pieces, the longest line, and what comes behind."""
    if log.format in {"trainer_state", *NO_ORDER}:
        pytest.skip("read as a whole, or not at all")
    for module in (lines, tfrecord):
        monkeypatch.setattr(module, "PIECE", 1 << 15)
        monkeypatch.setattr(module, "LONGEST", 1 << 17)
    monkeypatch.setattr(leveldb, "_AT_ONCE", 4)
    path = log()
    with open(body(path), "ab") as file:
        file.write(filler * size)
    tracemalloc.start()
    done = bring(store, path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5e6 and len(store.series(done.run.id, "loss")) == 200
