"""How fast logs come in: a million scalars of TensorBoard and of JSON lines, beside the tool's own reader.

    pip install tensorboard        # for the comparison; without it that part is null
    python -m benchmarks.importers --json

Both logs hold the same 10 series of 100,000 steps. An import is all of it: reading the file, naming the series, and
writing a store that a chart can be drawn from. Beside it, in turn and in the same process: TensorBoard's
`EventAccumulator` with every scalar kept (its default keeps 10,000 a tag), and for JSON lines Python's `json.loads`
line by line. `again_s` is a second import of the same file, which adds nothing, and `grown_s` one after 1 % more.
`peak_mb` is what the import adds to the memory of a process of its own at most.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import psutil

from barograph.db import Store
from barograph.db.exchange.checksum import masked_crc
from barograph.db.importers import find, take_in

SERIES, STEPS = 10, 100_000
ROUNDS = 3
TAGS = ["train/loss", "learning_rate", *(f"layer{n}/grad_norm" for n in range(SERIES - 2))]
VALUES = np.random.default_rng(0).normal(size=(STEPS, SERIES)).astype(np.float32)


def elapsed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# ---- the logs -------------------------------------------------------------------------------------------------------


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def events(steps: Iterable[int]) -> list[bytes]:
    """What `SummaryWriter.add_scalar` writes, without the minute that it takes for it."""
    out = []
    for step in steps:
        head = struct.pack("<cd", b"\x09", 1.7e9 + step) + (b"\x10" + varint(step) if step else b"")
        for tag, value in zip(TAGS, VALUES[step % STEPS].tolist(), strict=True):
            inner = b"\x0a" + varint(len(tag)) + tag.encode() + struct.pack("<cf", b"\x15", value)
            summary = b"\x0a" + varint(len(inner)) + inner
            out.append(head + b"\x2a" + varint(len(summary)) + summary)
    return out


def framed(bodies: list[bytes]) -> bytes:
    """Records with their checksums."""
    parts = [part for body in bodies for part in (struct.pack("<Q", len(body)), body)]
    return b"".join(part + struct.pack("<I", masked_crc(part)) for part in parts)


def write_tensorboard(path: Path, steps: range) -> None:
    with open(path, "ab") as file:
        if steps.start == 0:
            file.write(framed([struct.pack("<cd", b"\x09", 1.7e9) + b"\x1a\x0dbrain.Event:2"]))
        for first in range(steps.start, steps.stop, 10_000):
            file.write(framed(events(range(first, min(first + 10_000, steps.stop)))))


def write_jsonl(path: Path, steps: range) -> None:
    with open(path, "a") as file:
        for step in steps:
            file.write(json.dumps({"step": step, **dict(zip(TAGS, VALUES[step % STEPS].tolist(), strict=True))}) + "\n")


# ---- the tools' own readers -----------------------------------------------------------------------------------------


def accumulate(path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    reader = EventAccumulator(str(path), size_guidance={"scalars": 0})
    reader.Reload()
    assert sum(len(reader.Scalars(tag)) for tag in reader.Tags()["scalars"]) == SERIES * STEPS


def parse(path: Path) -> None:
    with open(path) as file:
        assert sum(len(json.loads(line)) - 1 for line in file) == SERIES * STEPS


# ---- what is measured -----------------------------------------------------------------------------------------------


def imported(store: Path, path: Path) -> int:
    (source,), _ = find([path])
    opened = Store(store)
    done = take_in(opened, source)
    opened.close()
    return done.points


def peak(store: Path, path: Path, said) -> None:
    before = psutil.Process().memory_info().rss
    worker = threading.Thread(target=imported, args=(store, path))
    worker.start()
    most = before
    while worker.is_alive():
        most = max(most, psutil.Process().memory_info().rss)
        time.sleep(0.005)
    said.put((most - before) / 1e6)


def measure(folder: Path, path: Path, write: Callable, rivals: dict[str, Callable]) -> dict:
    write(path, range(STEPS))
    times: dict[str, list[float]] = {"import": [], **{name: [] for name in rivals}}
    for turn in range(ROUNDS):
        times["import"].append(elapsed(lambda turn=turn: imported(folder / f"{path.name}{turn}.db", path)))
        for name, work in rivals.items():
            times[name].append(elapsed(lambda work=work: work(path)))
    found = {"scalars": SERIES * STEPS, "mb": round(path.stat().st_size / 1e6, 1)}
    found["import_s"] = round(statistics.median(times["import"]), 2)
    for name in rivals:
        found[f"{name}_s"] = round(statistics.median(times[name]), 2)
        ratios = [b / a for a, b in zip(times["import"], times[name], strict=True)]
        found[f"faster_than_{name}"] = round(statistics.median(ratios), 2)
    context = multiprocessing.get_context("spawn")
    said = context.Queue()
    job = context.Process(target=peak, args=(folder / f"{path.name}-peak.db", path, said))
    job.start()
    found["peak_mb"] = round(said.get(timeout=300))
    job.join()
    store = folder / f"{path.name}0.db"
    found["again_s"] = round(elapsed(lambda: imported(store, path)), 2)
    write(path, range(STEPS, STEPS + STEPS // 100))
    found["grown_s"] = round(elapsed(lambda: imported(store, path)), 2)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    arguments = parser.parse_args()
    try:
        import tensorboard

        version, rivals = tensorboard.__version__, {"event_accumulator": accumulate}
    except ImportError:
        version, rivals = None, {}
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
        folder = Path(name)
        events_file = folder / "events.out.tfevents.1700000000.host.1.0"
        found = {"tensorboard_version": version}
        found["tensorboard"] = measure(folder, events_file, write_tensorboard, rivals)
        found["jsonl"] = measure(folder, folder / "log.jsonl", write_jsonl, {"json_loads": parse})
    print(json.dumps(found, indent=None if arguments.json else 2))


if __name__ == "__main__":
    main()
