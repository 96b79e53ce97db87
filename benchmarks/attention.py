"""What looking at attention and output logits costs: memory by sequence length, and time on the demo model.

    python -m benchmarks.attention --json

Memory: the largest sum of what one call of `statistics` has allocated and not yet freed, from torch's own profiler,
beside the table of logits [heads, T, T] of one sequence that a softmax written out would hold.
Time: of our own functions (looking, measuring, writing the row) in each sampled step of the demo's loop, median;
`standard` and `full` say what that is per step at their cadence, in per cent of the demo's step. Processor time of the
training thread, with one thread for torch: what else the machine does is not in it.
"""

from __future__ import annotations

import argparse
import json
import statistics as st
import tempfile
import time
from pathlib import Path

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

from barograph.collectors import watch
from barograph.collectors.demo import CLIP, ByteTransformer, batch_of, optimizer_of, source_bytes
from barograph.collectors.hooks.forward_statistics import ForwardStatistics
from barograph.collectors.numerics.attention_statistics import statistics
from barograph.collectors.presets import PRESETS
from barograph.collectors.signal import Price
from barograph.collectors.signals import discover

LENGTHS = (128, 256, 512, 1024, 2048, 4096)
BATCH, HEADS, SIZE = 8, 8, 64  # of the calls whose memory is measured
MIB = 2**20


def peak_bytes(length: int) -> int:
    """Largest extra memory of one call on bfloat16 queries and keys [BATCH, HEADS, length, SIZE]."""
    q, k = torch.randn(2, BATCH, HEADS, length, SIZE, dtype=torch.bfloat16)
    statistics(q, k, is_causal=True)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        statistics(q, k, is_causal=True)
    events = [e for e in watched.profiler.kineto_results.events() if e.name() == "[memory]"]
    held = peak = 0
    for event in sorted(events, key=lambda e: e.start_ns()):
        held += event.nbytes()
        peak = max(peak, held)
    return peak


class Stopwatch:
    """Adds up the time that is spent in the functions it wraps."""

    def __init__(self):
        self.seconds = 0.0

    def wrap(self, function):
        def timed(*arguments, **options):
            began = time.thread_time()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds += time.thread_time() - began

        return timed


def sampled_step_ms(steps: int) -> tuple[float, float]:
    """Milliseconds of ours in a sampled step, and of a whole step without them."""
    data, _ = source_bytes()
    draws = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    model = ByteTransformer()
    optimizer = optimizer_of(model, 1e-3)
    clock, ours, whole = Stopwatch(), [], []
    with tempfile.TemporaryDirectory() as folder:
        run = watch(model, optimizer, store=Path(folder) / "runs.db", preset="standard")
        looks = [s for s in discover().values() if s.price is Price.LOOK]
        hooks = run._machinery.hooks
        hooks.due_signals._active = [(signal, 10) for signal in looks]  # a row of these alone
        hooks.due_signals.forward_every = 2
        kept = ForwardStatistics.attention, ForwardStatistics.logits
        ForwardStatistics.attention, ForwardStatistics.logits = clock.wrap(kept[0]), clock.wrap(kept[1])
        for one in hooks.optimizers:
            one._measure = clock.wrap(one._measure)
        hooks.row = clock.wrap(hooks.row)
        try:
            for step in range(1, steps + 1):
                tokens, targets = batch_of(data, 8, 128, draws)
                clock.seconds, began = 0.0, time.thread_time()
                loss = model(tokens, targets)
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), CLIP)
                optimizer.step()
                seconds = time.thread_time() - began - clock.seconds
                if step > 4:
                    whole.append(seconds)
                    if step % 2 == 0:
                        ours.append(clock.seconds)
        finally:
            ForwardStatistics.attention, ForwardStatistics.logits = kept
            run.finish()
    return 1000 * st.median(ours), 1000 * st.median(whole)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attention", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--steps", type=int, default=120, help="steps of the demo that are timed (default 120)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    peaks = {length: peak_bytes(length) for length in LENGTHS}
    ours, step = sampled_step_ms(options.steps)
    percent = {p: round(100 * ours / every / step, 2) for p, c in PRESETS.items() if (every := c[Price.LOOK])}
    memory = [
        {
            "T": t,
            "peak_mib": round(b / MIB, 2),
            "bytes_per_position": round(b / t),
            "table_mib": HEADS * t * t * 4 / MIB,
        }
        for t, b in peaks.items()
    ]
    if options.json:
        print(json.dumps({"memory": memory, "sampled_ms": round(ours, 2), "step_ms": round(step, 2), "pct": percent}))
        return
    print(f"one call, batch {BATCH}, {HEADS} heads of {SIZE}, bfloat16, causal")
    print("     T   peak MiB   bytes/position   table MiB")
    for row in memory:
        print(f"{row['T']:6} {row['peak_mib']:10.2f} {row['bytes_per_position']:16} {row['table_mib']:11.1f}")
    shares = ", ".join(f"{preset} {share} %" for preset, share in percent.items())
    print(f"a sampled step of the demo: {ours:.2f} ms beside {step:.1f} ms; for each step: {shares}")


if __name__ == "__main__":
    main()
