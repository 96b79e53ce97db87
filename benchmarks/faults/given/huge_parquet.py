"""A Parquet file of a few kilobytes whose words fill gigabytes once they are read."""

from __future__ import annotations

import resource
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

from barograph.db import Store
from benchmarks.faults._support.processes import command, run
from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.training import amiss

MOST = 500 << 10  # KiB that reading may take beyond what the process had


def written(file: Path, rows: int, word: int, column: str) -> None:
    """`rows` steps and losses beside one long word that every row refers to."""
    words = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * word]))
    steps = pa.array(range(1, rows + 1), pa.int64())
    table = pa.table({"step": steps, "loss": steps.cast(pa.float64()), column: words})
    parquet.write_table(table, file, compression="zstd")


def attack(folder: Path, quick: bool) -> Tally:
    tally = Tally()
    for rows, word in ((2000, 4 << 20),) if quick else ((500, 8 << 20), (2000, 8 << 20), (20_000, 1 << 20)):
        for column in ("note",) if quick else ("note", "name", "time"):
            place = folder / f"{column}{rows}"
            place.mkdir()
            written(place / "log.parquet", rows, word, column)
            path, said = place / "runs.db", place / "said"

            def read(place: Path = place, path: Path = path) -> None:
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                status, shown = command("import", place / "log.parquet", "--store", path)
                took = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
                assert status in (0, 1, 2) and took < MOST, f"status {status}, {took >> 10} MB: {shown[-200:]}"

            status = run(read, said)
            store = Store(path)
            runs = store.runs()
            lost, wrong = amiss(store, runs[0].id, rows) if runs else (0, 0)
            size = (place / "log.parquet").stat().st_size
            tally.count(status == 0 and bool(runs), f"{size} bytes: {said.read_text()[-200:]}", lost=lost, wrong=wrong)
            store.close()
    return tally
