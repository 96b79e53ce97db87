"""What the store costs and what it can bear: writing, reading, many writers at once, and SIGKILL.

    python -m benchmarks.store --json

Everything is measured in one run on one machine, the floor too: a bare `sqlite3` that commits one packed JSON row a
step. Calls are `run.log`'s with nothing watched; `points_per_s` is the store's own (its journal, its thread, its last
fold), `log_points_per_s` the same through `run.log`. Reads are whole answers at 1,000 pixels, as a chart asks for them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from barograph.collectors import watch
from barograph.db import Run, RunWriter, Store

KEYS = tuple(f"signal{n}" for n in range(100))
STEPS = 10_000
ROUNDS = 3  # of store and floor in turn
RANDOM = np.random.default_rng(0)
VALUES = RANDOM.normal(size=(64, 100)).tolist()  # float64s that no float32 holds
ROWS = [dict(zip(KEYS, row, strict=True)) for row in VALUES]
SPIKES = 20


def elapsed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def milliseconds(work: Callable[[], object], times: int = 15) -> float:
    return statistics.median(elapsed(work) for _ in range(times)) * 1e3


# ---- writing ----------------------------------------------------------------------------------------------------


def through_the_store(path: Path) -> None:
    writer, over = RunWriter.open(path, Run("", "points")), threading.Event()

    def tend() -> None:
        while not over.wait(0.5):
            writer.tend()

    thread = threading.Thread(target=tend)
    thread.start()
    for step in range(STEPS):
        writer.points(step, KEYS, VALUES[step % 64])
    over.set()
    thread.join()
    writer.close()


def through_log(path: Path) -> None:
    with watch(store=path, name="log") as run:
        for step in range(STEPS):
            run.log(ROWS[step % 64])


def through_the_floor(path: Path) -> None:
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = NORMAL")
    raw.execute("CREATE TABLE steps (step INTEGER PRIMARY KEY, data TEXT)")
    for step in range(STEPS):
        raw.execute("INSERT INTO steps VALUES (?, ?)", (step, json.dumps(ROWS[step % 64])))
    raw.close()


def writing(folder: Path) -> dict:
    rates: dict[str, list[float]] = {"store": [], "log": [], "floor": []}
    for turn in range(ROUNDS):
        for name, work in (("store", through_the_store), ("floor", through_the_floor), ("log", through_log)):
            path = folder / f"{name}{turn}.db"
            rates[name].append(STEPS * len(KEYS) / elapsed(lambda work=work, path=path: work(path)))
    with sqlite3.connect(folder / "store0.db") as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    assert not list((folder / "store0.db.journals").iterdir())
    rate = {name: statistics.median(found) for name, found in rates.items()}
    return {
        "points_per_s": round(rate["store"]), "log_points_per_s": round(rate["log"]),
        "floor_points_per_s": round(rate["floor"]),
        "ratio": round(statistics.median(a / b for a, b in zip(rates["store"], rates["floor"], strict=True)), 2),
        "bytes_per_point": round((folder / "store0.db").stat().st_size / (STEPS * len(KEYS)), 2),
    }  # fmt: skip


def log_calls(folder: Path) -> dict:
    found: dict[str, dict[str, float]] = {"median": {}, "p99": {}, "p999": {}}
    for name, width, calls, pause in (("1", 1, 20_000, 0.0), ("100", 100, 10_000, 0.0), ("100_paced", 100, 1500, 0.01)):
        rows = [dict(list(row.items())[:width]) for row in ROWS]
        times = np.empty(calls)
        with watch(store=folder / "log.db", name=name) as run:
            for call in range(-100, calls):  # the first hundred: descriptions and shapes
                row = rows[call % 64]
                began = time.perf_counter()
                run.log(row)
                if call >= 0:
                    times[call] = time.perf_counter() - began
                if pause:
                    time.sleep(pause)
        for what, part in (("median", 0.5), ("p99", 0.99), ("p999", 0.999)):
            found[what][name] = round(float(np.quantile(times, part)) * 1e6, 1)
    return {f"log_call_us_{what}": values for what, values in found.items()}


# ---- reading ----------------------------------------------------------------------------------------------------


def reading(folder: Path) -> dict:
    path = folder / "reading.db"
    store, whole, zoom = Store(path), {}, {}
    at = np.sort(RANDOM.choice(1_000_000, SPIKES, replace=False))
    for exponent in (4, 5, 6, 7):
        name = f"1e{exponent}"
        for start in range(0, 10**exponent, 10**6):  # a run of 1e7 steps comes in pieces too
            values = RANDOM.normal(size=min(10**exponent, 10**6))
            if exponent == 6:
                values[at] = 50.0 + np.arange(SPIKES)
            store.append(Run(name, name), {"loss": (np.arange(start, start + len(values)), values)})
    store.close()
    store = Store(path)
    began = time.perf_counter()
    buckets = store.buckets("1e6", "loss", width=1000)
    first = (time.perf_counter() - began) * 1e3
    kept = sum(step in buckets.high_at and 50.0 + n in buckets.high for n, step in enumerate(at.tolist()))
    for exponent in (4, 5, 6, 7):
        name, n = f"1e{exponent}", 10**exponent
        whole[name] = round(milliseconds(lambda name=name: store.buckets(name, "loss", width=1000)), 3)
        low, high = int(0.3 * n), int(0.7 * n)
        cut = milliseconds(lambda name=name, lo=low, hi=high: store.buckets(name, "loss", lo=lo, hi=hi, width=1000))
        zoom[name] = round(cut, 3)
    store.close()
    return {"range_read_ms": whole, "range_zoom_ms": zoom, "first_read_ms": round(first, 3), "spikes_kept": kept}


def ticks(folder: Path) -> dict:
    """A live reader's tick after 100 new steps: is there news, the new points, and the chart of the whole run."""
    found = {}
    for exponent in (4, 6):
        path = folder / f"tick{exponent}.db"
        writer, n = RunWriter.open(path, Run("r", "r")), 10**exponent
        writer.columns(np.arange(n), ("loss",), RANDOM.normal(size=(n, 1)))
        writer.tend()
        store = Store(path)
        cursor, times = n - 1, []
        for tick in range(60):
            for step in range(cursor + 1, cursor + 101):
                writer.points(step, ("loss",), VALUES[step % 64][:1])
            if tick % 10 == 9:
                writer.tend()
            began = time.perf_counter()
            store.version("r")
            new = store.series("r", "loss", after=cursor)
            store.buckets("r", "loss", width=1000)
            times.append(time.perf_counter() - began)
            assert len(new) == 100
            cursor += 100
        found[f"1e{exponent}"] = round(statistics.median(times) * 1e3, 3)
        writer.close()
        store.close()
    return {"tick_ms": found}


# ---- many writers, and SIGKILL ------------------------------------------------------------------------------------


def _write_much(path: Path, name: str, steps: int, out: str) -> None:
    times = np.empty(steps)
    with watch(store=path, name=name) as run:
        for step in range(steps):
            began = time.perf_counter()
            run.log(ROWS[step % 64])
            times[step] = time.perf_counter() - began
            time.sleep(0.002)
    np.save(out, times)


def many_writers(folder: Path, writers: int = 8, steps: int = 1500) -> dict:
    path, errors, polls = folder / "many.db", 0, 0
    context = multiprocessing.get_context("fork")
    jobs = [
        context.Process(target=_write_much, args=(path, f"w{n}", steps, f"{folder}/w{n}.npy")) for n in range(writers)
    ]
    for job in jobs:
        job.start()
    store = Store(path)
    while any(job.is_alive() for job in jobs):
        try:
            polls += 1
            for run in store.runs():
                store.buckets(run.id, KEYS[0], width=1000)
        except Exception:
            errors += 1
        time.sleep(0.05)
    errors += sum(job.exitcode != 0 for job in jobs) + len(store.check())
    held = sum(len(store.series(run.id, key)) for run in store.runs() for key in KEYS)
    store.close()
    times = np.concatenate([np.load(f"{folder}/w{n}.npy") for n in range(writers)]) * 1e6
    lost = writers * steps * len(KEYS) - held
    late = {f"write_us_{k}": round(float(np.quantile(times, q)), 1) for k, q in (("median", 0.5), ("p99", 0.99))}
    return {"multi_writer": {"writers": writers, "polls": polls, "errors": errors, "lost": lost, **late}}


def _log_until_killed(path: Path, said: str) -> None:
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    run = watch(store=path, name="killed")
    for step in range(1, 1_000_000):
        run.log(ROWS[step % 64])
        os.write(out, b"%d\n" % step)
        time.sleep(0.01)


def kill9(folder: Path, moments: int = 50, at_once: int = 5) -> dict:
    context, lost, damaged, wrong = multiprocessing.get_context("fork"), 0, 0, 0
    killed = 0  # while it was writing
    for begin in range(0, moments, at_once):
        jobs = []
        for n in range(begin, begin + at_once):
            path, said = folder / f"kill{n}.db", f"{folder}/kill{n}.said"
            jobs.append((path, Path(said), context.Process(target=_log_until_killed, args=(path, said))))
            jobs[-1][2].start()
        began, ends = time.monotonic(), np.sort(RANDOM.uniform(0.3, 2.5, at_once))
        for (path, said, job), end in zip(jobs, ends, strict=True):
            time.sleep(max(0.0, began + end - time.monotonic()))
            job.kill()
            job.join()
            acknowledged = int(said.read_bytes().rpartition(b"\n")[0].rpartition(b"\n")[2] or 0) if said.exists() else 0
            if not acknowledged:
                continue
            killed += 1
            store = Store(path)
            (run,) = store.runs()
            wrong += run.state != "killed"
            store.fold()
            for key in KEYS:
                steps = store.series(run.id, key).steps
                lost += len(np.setdiff1d(np.arange(1, acknowledged + 1), steps))
            damaged += any("SQLite" in line or "should have" in line for line in store.check())
            store.close()
    return {"kill9": {"moments": killed, "values_lost": lost, "files_damaged": damaged, "not_read_as_stopped": wrong}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
        folder, found = Path(name), {}
        for part in (kill9, many_writers, writing, log_calls, reading, ticks):  # those that fork come first
            found |= part(folder)
    print(json.dumps(found, indent=None if arguments.json else 2))


if __name__ == "__main__":
    main()
