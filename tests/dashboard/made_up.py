"""Stores with made-up runs, one function a situation that a page must survive."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from barograph.db import Description, Event, Plan, Run, RunWriter, Store

from .made_up_containers import containers

LAYERS = tuple(f"blocks.{i}.{name}.weight" for i in range(4) for name in ("attn.qkv", "attn.out", "mlp.up", "mlp.down"))
MEANT = {
    "loss": ("nats", "training loss", "lower"),
    "val_loss": ("nats", "loss on held-out files", "lower"),
    "lr": ("", "learning rate per parameter group", "neither"),
    "grad_norm": ("", "global L2 norm of the gradient before clipping", "neither"),
    "tokens_per_s": ("tokens/s", "tokens trained per second", "higher"),
    "grad_norm_tensor": ("", "L2 norm of each tensor's gradient", "neither"),
    "step_time": ("s", "wall time of a step", "lower"),
}
HOSTILE = [
    "'; DROP TABLE runs; --",
    "<script>alert(1)</script>",
    "🔥 **bold** :red[x] $x^2$",
    "a\nb\tc",
    "name " * 2000,
    "  ",
    "[link](javascript:x)",
]


def describe() -> list[Description]:
    axes = {"lr": ("group",), "grad_norm_tensor": ("parameter",)}
    return [
        Description(name, unit, sentence, better, axes.get(name, ()))
        for name, (unit, sentence, better) in MEANT.items()
    ]


def curves(n: int, seed: int = 0, every: int = 1) -> dict:
    """What a plausible run of `n` steps records, with a spike at every tenth of it."""
    rng = np.random.default_rng(seed)
    steps = np.arange(0, n, every)
    part = steps / max(n, 1)
    loss = 2.2 + 6.5 / (1 + steps / (0.02 * n + 5)) ** 0.7 + 0.08 * rng.standard_normal(len(steps)) + 0.2 * seed % 1
    grad = 0.4 + 2 * np.exp(-8 * part) + 0.1 * rng.gamma(2, 1, len(steps))
    for tenth in range(1, 10):
        at = len(steps) * tenth // 10
        if tenth in (4, 7) and at < len(steps):
            loss[at], grad[at] = loss[at] + 2.5, grad[at] * 9
    lr = 3e-3 * np.minimum(steps / (0.05 * n + 1), 1) * (0.55 + 0.45 * np.cos(np.pi * part))
    few = steps[:: max(1, len(steps) // 30)]
    sparse = steps[:: max(1, 10 // every)]
    out = {
        "loss": (steps, loss),
        "val_loss": (few, np.interp(few, steps, loss) + 0.12),
        ("lr", "0"): (steps, lr),
        "grad_norm": (steps, grad),
        "tokens_per_s": (steps, 41_000 + 900 * rng.standard_normal(len(steps))),
        "time": (steps, 0.11 * (steps + 1)),
        "tokens": (steps, 4096.0 * (steps + 1)),
        "step_time": (steps, 0.11 + 0.004 * rng.standard_normal(len(steps))),
    }
    for k, layer in enumerate(LAYERS):
        rise = 1 + 12 * np.exp(-(((sparse / max(n, 1)) - 0.4) ** 2) / 0.001) * (k == 5)
        out["grad_norm_tensor", layer] = (
            sparse,
            (0.1 + 0.04 * k) * rise * rng.gamma(20, 1 / 20, len(sparse)) * (0.5 + np.exp(-5 * sparse / max(n, 1))),
        )
    return out


def cosine(n: int) -> Plan:
    steps = np.unique(np.linspace(0, n, 200).astype(int))
    return Plan(steps, 3e-3 * np.minimum(steps / (0.05 * n + 1), 1) * (0.55 + 0.45 * np.cos(np.pi * steps / n)))


def finished(
    path: Path,
    n: int = 2000,
    name: str = "gpt-30m cosine",
    seed: int = 0,
    state: str = "finished",
    drop: tuple = (),
    **more,
) -> str:
    """One whole run; `drop` leaves signals out. Returns its id."""
    fields = {
        "flops_per_token": 6.0 * 28e6,
        "size": {"total": 30_000_000, "non_embedding": 28_000_000},
        "config": {"lr": 3e-3, "seed": seed},
    }
    fields |= {"provenance": {"device": "cpu", "command": "train.py --lr 3e-3"}, "steps_planned": n} | more
    began = time.time() - 7200 + seed
    run = Run(
        f"run-{seed}-{state}",
        name,
        started=began,
        ended=began + 0.11 * n,
        last_seen=began + 0.11 * n,
        state=state,
        **fields,
    )
    points = {k: v for k, v in curves(n, seed).items() if (k if isinstance(k, str) else k[0]) not in drop}
    events = [Event(n // 3, "checkpoint", "step.pt"), Event(int(n * 0.4), "finding", "gradient norm 9 x its median")]
    plans = [cosine(n)] if "lr" not in drop else []
    kept = [d for d in describe() if d.name not in drop]
    Store(path).append(run, points, descriptions=kept, events=events, plans=plans)
    return run.id


def empty(path: Path) -> str:
    Store(path)
    return ""


def write(writer: RunWriter, n: int, first: int = 0, total: int | None = None) -> None:
    """Steps first..first + n of a run that plans `total` steps, through a writer as training does."""
    for key, (steps, values) in curves(total or n).items():
        inside = (steps >= first) & (steps < first + n)
        if inside.any():
            writer.columns(steps[inside].astype(np.int64), (key,), values[inside][:, None])


def begin(path: Path, name: str, **fields) -> RunWriter:
    writer = RunWriter.open(path, Run("", name, **fields))
    for description in describe():
        writer.describe(description)
    return writer


def running(path: Path) -> RunWriter:
    """A run that is a third through; the caller keeps the writer, which is what makes it running."""
    writer = begin(path, "llama 110m, wsd", steps_planned=3000, provenance={"device": "cuda:0"})
    writer.plan(cosine(3000))
    write(writer, 1000, total=3000)
    writer.tend()
    return writer


def stopped(path: Path) -> str:
    return finished(path, state="stopped", steps_planned=5000)


def diverged(path: Path) -> str:
    """Its loss turns NaN and infinite, its gradients too."""
    run = finished(path, name="lr 1e-1", state="diverged", n=1000)
    steps = np.arange(900, 1000)
    bad = np.where(steps % 2, np.nan, np.inf)
    store = Store(path)
    store.append(store.run(run), {"loss": (steps, bad), "grad_norm": (steps, bad)})
    return run


def only_nan(path: Path) -> str:
    steps = np.arange(50)
    Store(path).append(Run("all-nan", "nothing finite", state="diverged"), {"loss": (steps, np.full(50, np.nan))})
    return "all-nan"


def one_point(path: Path) -> str:
    Store(path).append(Run("one", "one step", state="finished"), {"loss": ([0], [9.0])})
    return "one"


def nothing_recorded(path: Path) -> str:
    Store(path).append(Run("bare", "no signal", state="stopped"), {})
    return "bare"


def forty(path: Path) -> str:
    states = ("finished", "stopped", "diverged")
    return [finished(path, 300, f"sweep {i:02} lr={10 ** (-2 - i / 20):.1e}", i, states[i % 7 % 3]) for i in range(40)][
        -1
    ]


def hostile(path: Path) -> str:
    for i, name in enumerate(HOSTILE):
        note = name * 2
        run = finished(path, 200, name, i, note=note[:10_000], tags=(name[:50],), config={name[:200]: name})
    Store(path).append(
        Run(run, HOSTILE[0], state="finished"),
        {
            HOSTILE[1]: ([0, 1], [1.0, 2.0]),
            (HOSTILE[2], HOSTILE[0]): ([0, 1], [1.0, 2.0]),
            (HOSTILE[2], HOSTILE[4]): ([0, 1], [3.0, 2.0]),
        },
    )
    return run


def no_lr(path: Path) -> str:
    return finished(path, drop=("lr",))


def no_validation(path: Path) -> str:
    return finished(path, drop=("val_loss", "grad_norm", "tokens_per_s", "grad_norm_tensor"))


def steps_only(path: Path) -> str:
    return finished(path, drop=("time", "tokens"), flops_per_token=None)


def rolled_back(path: Path) -> str:
    """Two attempts: the second goes back to step 600 of 1,000."""
    writer = begin(path, "resumed", steps_planned=2000)
    write(writer, 1000, total=2000)
    writer.begin_attempt(600)
    writer.event(Event(600, "restart", "rolled back from a spike"))
    write(writer, 900, 601, total=2000)
    writer.close("stopped")
    return writer.run.id


SITUATIONS = [
    empty,
    finished,
    stopped,
    diverged,
    only_nan,
    one_point,
    nothing_recorded,
    forty,
    hostile,
    no_lr,
    no_validation,
    steps_only,
    rolled_back,
    containers,
]
