"""Parquet as pandas and others write it."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from barograph.db import Store
from barograph.db.importers import find
from barograph.errors import StoreError
from tests.db.importers.written import bring


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


def test_columns_of_every_kind(store, tmp_path):
    path = tmp_path / "log.parquet"
    columns = {
        "step": np.arange(4), "loss": [1.5, np.nan, np.inf, 0.5], "words": ["a", "b", "c", "d"],
        "date": pd.date_range("2024-01-01", periods=4, freq="s", tz="UTC"), "whole": np.array([1, 2, 3, 4], "uint8"),
        "norm": [{"a": 1.0, "b": 2.0}] * 4,
    }  # fmt: skip
    pd.DataFrame(columns).to_parquet(path)
    run = bring(store, path).run.id
    np.testing.assert_array_equal(store.series(run, "whole").values, [1, 2, 3, 4])
    assert store.series(run, "time").values.tolist() == [0, 1, 2, 3] and "words" not in store.signals(run)
    assert store.series(run, "norm/b").values.tolist() == [2.0] * 4
    assert np.isinf(store.series(run, "loss").values).sum() == 1


def test_a_file_without_its_end_is_one_sentence(store, tmp_path):
    path = tmp_path / "log.parquet"
    pd.DataFrame({"step": range(9), "loss": range(9)}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    (source,), _ = find([path])
    with pytest.raises(StoreError, match="missing or damaged"):
        bring(store, path)
    assert source.paths == (path,)


def test_a_small_file_of_huge_words_takes_little_memory(store, tmp_path):
    path, rows = tmp_path / "log.parquet", 2000
    schema = pa.schema([("step", pa.int64()), ("loss", pa.float64()), ("x", pa.string()), ("y", pa.string())])
    table = {"step": range(rows), "loss": [1.0] * rows, "y": ["7"] * rows}
    words = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * (8 << 20)]))
    with pq.ParquetWriter(path, schema.set(2, pa.field("x", words.type)), compression="zstd") as writer:
        writer.write_table(pa.table([pa.array(table["step"]), pa.array(table["loss"]), words, pa.array(table["y"])],
                                    schema=schema.set(2, pa.field("x", words.type))))  # fmt: skip
    assert path.stat().st_size < 100_000
    before = pa.default_memory_pool().max_memory()
    run = bring(store, path).run.id
    assert len(store.series(run, "loss")) == rows and store.series(run, "y").values.tolist() == [7.0] * rows
    assert pa.default_memory_pool().max_memory() - before < 200 << 20, "all the rows together are 16 GB"
    assert "x" not in store.signals(run)
