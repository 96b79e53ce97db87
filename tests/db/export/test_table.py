"""A run as CSV and Parquet: every point, in bounded memory, never half a file, never over the store."""

from __future__ import annotations

import csv
import json
import tracemalloc

import numpy as np
import pyarrow.parquet as parquet
import pytest

from barograph.db import Run, Store
from barograph.db.export import table as export
from barograph.db.export.table import Table, to_csv, to_parquet
from barograph.db.importers import find, take_in
from barograph.errors import StoreError

STEPS = np.arange(0, 5000)
VALUES = np.random.default_rng(0).normal(size=5000)


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    odd = np.array([np.nan, np.inf, -np.inf, 1e-308])
    late = np.arange(7000, 7004)
    opened.append(
        Run("a", "a", state="finished"),
        {
            "loss": (STEPS, VALUES),
            "val_loss": (STEPS[::100] + 1, VALUES[::100]),
            ("lr", "0"): (STEPS, VALUES),
            "odd": (late, odd),
        },
    )
    yield opened
    opened.close()


def test_csv_reads_back_exactly(store, tmp_path):
    to_csv(Table(store, store.run("a")), tmp_path / "out.csv")
    (source,), _ = find([tmp_path / "out.csv"])
    again = take_in(store, source).run.id
    for signal, part in (("loss", ()), ("val_loss", ()), ("lr", ("0",)), ("odd", ())):
        old, new = store.series("a", signal, part), store.series(again, signal, part)
        assert np.array_equal(old.steps, new.steps) and np.array_equal(old.values, new.values, equal_nan=True)


def test_no_heading_of_csv_is_run_by_a_spreadsheet_and_each_reads_back(store, tmp_path):
    names = ["=SUM(1+1)", "+a", "-b", "@c"]
    store.append(Run("b", "b", state="finished"), {name: (STEPS[:3], VALUES[:3]) for name in names})
    to_csv(Table(store, store.run("b")), tmp_path / "out.csv")
    heading = next(csv.reader((tmp_path / "out.csv").open()))
    assert sorted(heading[1:]) == sorted(f"'{name}" for name in names)
    (source,), _ = find([tmp_path / "out.csv"])
    assert set(store.signals(take_in(store, source).run.id)) == set(names)


def test_csv_has_an_empty_cell_where_nothing_was_recorded(store, tmp_path):
    to_csv(Table(store, store.run("a"), ["val_loss", "odd"]), tmp_path / "out.csv")
    rows = list(csv.reader((tmp_path / "out.csv").open()))
    assert rows[0] == ["step", "val_loss", "odd"] and rows[1] == ["1", repr(float(VALUES[0])), ""]
    assert [row[1:] for row in rows[-4:]] == [["", "nan"], ["", "inf"], ["", "-inf"], ["", "1e-308"]]
    assert len(rows) == 1 + 50 + 4


def test_parquet_tells_nothing_from_nan_and_describes_the_run(store, tmp_path):
    to_parquet(Table(store, store.run("a")), tmp_path / "out.parquet")
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.column_names == ["step", "loss", "val_loss", "lr/0", "odd"]
    odd = table["odd"].drop_null().to_numpy()
    assert table["odd"].null_count == table.num_rows - 4 and np.isnan(odd[0]) and np.isposinf(odd[1])
    assert np.array_equal(table["loss"].drop_null().to_numpy(), VALUES)
    first, *_ = table.schema.metadata[b"barograph"].split(b"\n")
    assert json.loads(first)["barograph"]["run"]["name"] == "a"


def test_windows_hold_every_point_once(store, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "CELLS", 2000)
    table, told = Table(store, store.run("a")), []
    to_parquet(table, tmp_path / "small.parquet", told.append)
    monkeypatch.undo()
    to_parquet(Table(store, store.run("a")), tmp_path / "large.parquet")
    small, large = (parquet.read_table(tmp_path / f"{name}.parquet").to_pylist() for name in ("small", "large"))
    assert repr(small) == repr(large)  # as text: NaN is itself
    assert len(table.windows) > 5 and sum(told) == table.points == 2 * 5000 + 50 + 4


def test_memory_does_not_grow_with_the_run(store, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "CELLS", 5_000)

    def peak(name: str, n: int) -> int:
        store.append(Run(name, name), {"loss": (np.arange(n), np.random.default_rng(0).normal(size=n))})
        table = Table(store, store.run(name))
        tracemalloc.start()
        to_csv(table, tmp_path / "out.csv")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak("long", 100_000) < 2 * peak("short", 20_000)


def test_the_surviving_line_alone(store, tmp_path):
    store.append(Run("a", "a", attempt=1), {"loss": (np.arange(4000, 4500), np.zeros(500))}, from_step=3999)
    to_parquet(Table(store, store.run("a"), ["loss"]), tmp_path / "out.parquet")
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table["step"].to_pylist() == list(range(4500)) and table["loss"].to_pylist()[4000:] == [0.0] * 500


def test_series_whose_columns_would_be_called_alike(store, tmp_path):
    store.append(Run("b", "b"), {"x/y": ([1], [1]), ("x", "y"): ([1], [2]), "step": ([1], [3]), 'q",\n': ([1], [4])})
    to_csv(Table(store, store.run("b")), tmp_path / "out.csv")
    rows = list(csv.reader((tmp_path / "out.csv").open(newline="")))
    assert len(set(rows[0])) == 5 and sorted(rows[1]) == ["1", "1.0", "2.0", "3.0", "4.0"]


@pytest.mark.parametrize("write", [to_csv, to_parquet])
def test_a_run_without_points_is_a_table_without_rows(store, tmp_path, write):
    store.append(Run("none", "none"), {})
    write(Table(store, store.run("none")), tmp_path / "out")
    assert (tmp_path / "out").stat().st_size > 0


@pytest.mark.parametrize("write", [to_csv, to_parquet])
def test_it_fails_in_a_sentence_and_leaves_what_was_there(store, tmp_path, write):
    table = Table(store, store.run("a"))
    (tmp_path / "out").write_text("before")

    def interrupt(points: int):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(table, tmp_path / "out", interrupt)
    assert (tmp_path / "out").read_text() == "before"
    for path, why in (
        (tmp_path, "is a folder"),
        (store.path, "the store itself"),
        (tmp_path / "no" / "out", "cannot write"),
    ):
        with pytest.raises(StoreError, match=why):
            write(table, path)
    assert store.check() == [] and not list(tmp_path.glob(".out*"))


def test_a_signal_that_was_not_recorded(store):
    with pytest.raises(StoreError, match="did not record 'lss'; it has loss, lr, odd, val_loss"):
        Table(store, store.run("a"), ["lss"])


def test_too_many_series_for_a_table_are_one_sentence_and_a_choice_helps(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "MOST", 3)
    store = Store(tmp_path / "runs.db")
    names = ["loss", *(f"loss_step_{step}" for step in range(4))]
    store.append(Run("a", "a"), {name: ([at], [1.0]) for at, name in enumerate(names)})
    with pytest.raises(StoreError, match=r"5 series, too many .*4 are called like 'loss_step_\*'.*--signal"):
        Table(store, store.run("a"))
    assert Table(store, store.run("a"), ["loss"]).points == 1
    monkeypatch.setattr(export, "MOST", 5)
    monkeypatch.setattr(export, "CELLS", 10)  # several windows, most of the series in one of them only
    to_csv(Table(store, store.run("a")), tmp_path / "a.csv")
    rows = (tmp_path / "a.csv").read_text().splitlines()[1:]
    assert rows == ["0,1.0,,,,", "1,,1.0,,,", "2,,,1.0,,", "3,,,,1.0,", "4,,,,,1.0"]
    store.close()
