"""What watching costs: the demo model trained with and without `watch`, side by side in one process.

    python -m benchmarks.overhead --json

Two copies of the model train in turn, in blocks of one whole sampling period: 10 steps, so what a preset measures every
10 steps falls into each block once. A pair is one block of each, in random order; its ratio is that of the block times,
and what else the machine does falls on both. Printed is the median of the ratios with a 95 % interval (bootstrap over
pairs), in per cent. What `full` measures every 100 steps falls into one block in ten, where a median over all would not
see it: there it is the mean of ten medians, one for each place of a block in a hundred steps. `aa` is the same with
nothing watched on both sides: what the method itself takes for a difference. While the bare copy trains, the recorder's
thread keeps still and does its work in the watched blocks.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from barograph.collectors import watch
from barograph.collectors.demo import CLIP, ByteTransformer, batch_of, optimizer_of, schedule, source_bytes
from barograph.collectors.presets import PRESETS

PERIOD, PLACES = 10, 10  # steps in a block; blocks in the longest sampling period
BATCH, CONTEXT = 8, 128


class Trainer:
    """One copy of the demo's loop; `block()` trains a period and returns its seconds."""

    def __init__(self, data: torch.Tensor, store: Path, preset: str | None):
        torch.manual_seed(0)
        self.data, self.draws = data, torch.Generator().manual_seed(0)
        self.model = ByteTransformer(context=CONTEXT)
        self.optimizer = optimizer_of(self.model, 1e-3)
        steps = 1_000_000
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, schedule("wsd", steps))
        self.run, self.watched = None, threading.Event()
        if preset is not None:
            # without the scheduler: its plan is worked out once, early in a run, and is no part of a step's price
            self.run = watch(self.model, self.optimizer, total_steps=steps, store=store, name=preset, preset=preset)
            self._only_while_watched()

    def _only_while_watched(self) -> None:
        writer = self.run._machinery.record.writer
        tend = writer.tend
        writer.tend = lambda: tend() if self.watched.is_set() else None

    def block(self) -> float:
        self.watched.set()
        began = time.perf_counter()
        for _ in range(PERIOD):
            tokens, targets = batch_of(self.data, BATCH, CONTEXT, self.draws)
            loss = self.model(tokens, targets)
            self.optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
            self.optimizer.step()
            self.scheduler.step()
            if self.run is not None:
                self.run.log(loss=loss, tokens=tokens.numel())
        seconds = time.perf_counter() - began
        self.watched.clear()
        return seconds

    def end(self) -> None:
        if self.run is not None:
            self.run.finish()


def measure(preset: str | None, pairs: int, data: torch.Tensor, tick: Callable[[], None]) -> tuple[dict, float]:
    """Per cent that `preset` adds (None: nothing on both sides), with its interval, and milliseconds of a bare step."""
    order = np.random.default_rng(0)
    ratios, bare_ms = [], []
    with tempfile.TemporaryDirectory() as folder:
        bare, watched = (Trainer(data, Path(folder) / "runs.db", p) for p in (None, preset))
        for trainer in (bare, watched, bare, watched):
            trainer.block()
        for _ in range(pairs):
            first, second = (bare, watched) if order.random() < 0.5 else (watched, bare)
            seconds = {first: first.block()}
            seconds[second] = second.block()
            ratios.append(seconds[watched] / seconds[bare])
            bare_ms.append(1000 * seconds[bare] / PERIOD)
            tick()
        watched.end()
    longest = max(PRESETS[preset].values()) if preset else PERIOD
    return interval(np.array(ratios), max(1, longest // PERIOD)), statistics.median(bare_ms)


def interval(ratios: np.ndarray, places: int, draws: int = 2000) -> dict[str, float]:
    """Mean over the places of the median ratio less one, in per cent, and its 95 % interval by bootstrap."""
    by_place = ratios.reshape(-1, places)
    rows = np.random.default_rng(1).integers(len(by_place), size=(draws, *by_place.shape))
    resampled = np.take_along_axis(by_place[None], rows, axis=1)
    low, high = np.percentile(np.median(resampled, axis=1).mean(axis=1), [2.5, 97.5])
    middle = np.median(by_place, axis=0).mean()
    return {name: round(100 * (v - 1), 3) for name, v in (("pct", middle), ("low", low), ("high", high))}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overhead", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--pairs", type=int, default=200, help="pairs of blocks for each preset, tens (default 200)")
    parser.add_argument("--only", choices=[*PRESETS, "aa"], help="measure this alone")
    options = parser.parse_args()
    if options.pairs < PLACES or options.pairs % PLACES:
        parser.error(f"--pairs {options.pairs}: expected a multiple of {PLACES}")
    from rich.progress import Progress

    data, _ = source_bytes()
    kinds = [options.only] if options.only else [*PRESETS, "aa"]
    found, steps = {}, []
    with Progress(transient=True) as bar:
        task = bar.add_task("training", total=options.pairs * len(kinds))
        for kind in kinds:
            found[kind], step_ms = measure(
                None if kind == "aa" else kind, options.pairs, data, lambda: bar.advance(task)
            )
            steps.append(step_ms)
    result = {**found, "step_ms": round(statistics.median(steps), 2), "pairs": options.pairs, "block_steps": PERIOD}
    if options.json:
        print(json.dumps(result))
        return
    for kind in kinds:
        print(f"{kind:9} {found[kind]['pct']:+.2f} %  [{found[kind]['low']:+.2f}, {found[kind]['high']:+.2f}]")
    print(f"a bare step takes {result['step_ms']} ms; {options.pairs} pairs of {PERIOD} steps")


if __name__ == "__main__":
    main()
