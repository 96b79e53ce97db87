"""Odd values, names, steps and configurations in every verb: each costs itself at most, and no other run or command."""

from __future__ import annotations

import decimal
import fractions
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from barograph.collectors import watch
from barograph.collectors.run import LiveRun
from barograph.db import Store
from benchmarks.faults._support.processes import command
from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.training import amiss

HUGE, FAR = 10**400, 2**63
VALUES: tuple[Any, ...] = (
    HUGE, -HUGE, None, "words", "0.5", b"x", 1 + 2j, [1.0], {"a": {"b": 1.0}}, {1: 2.0}, object(), float("nan"),
    float("-inf"), 5e-324, 2**60 + 1, True, decimal.Decimal("1.5"), fractions.Fraction(3, 2), np.float16(1.5),
    np.int64(3), np.array([1.5]), np.array([1.5, 2.0]), np.array("x"), torch.ones(2),
    torch.tensor(1.5, dtype=torch.bfloat16), torch.tensor(1 + 2j), torch.ones(1).to_sparse(),
    torch.ones(1, device="meta"), torch.tensor(True),
)  # fmt: skip
NAMES: tuple[Any, ...] = (
    "", 5, None, b"x", "n" * 100_000, "a\0b", "a\ud800", "a\nb", "a/b", ("a", "b"), ("a", 3), (), "step", "time",
    "__proto__", 1.5, True, "=1+1",
)  # fmt: skip
STEPS: tuple[Any, ...] = (FAR, -FAR, 10**30, 2.7, "7", float("nan"), np.int64(4), torch.tensor(5), [1], object())


def _itself() -> dict[str, Any]:
    circle: dict[str, Any] = {"a": 1}
    circle["me"] = circle
    return circle


def _deep() -> dict[str, Any]:
    deep: dict[str, Any] = {}
    for _ in range(3000):
        deep = {"a": deep}
    return deep


CONFIGURATIONS: tuple[Any, ...] = (
    {"a": HUGE}, {"a": float("nan")}, {1: 2, None: 3, (1, 2): 4}, {"a\ud800": "b\udfff"}, [1, 2], "abc", _itself(),
    _deep(), {"a": object()}, {"a": [{"b": [1, {"c": 2}]}]}, types.SimpleNamespace(a=1, b=types.SimpleNamespace(c=2)),
    {"a": torch.ones(2)}, {"a": np.float32(2)}, {"a": "x" * 1_000_000}, {"a": {1, 2}}, {"a": b"x"}, {"A": 1, "a": 2},
)  # fmt: skip


def verbs() -> dict[str, Callable[[LiveRun], object]]:
    """Each odd call by what is odd in it."""
    calls: dict[str, Callable[[LiveRun], object]] = {}
    for number, value in enumerate(VALUES):
        calls[f"value {number}"] = lambda run, v=value: run.log({"odd": v, "beside": 1.0})  # type: ignore[misc]
        calls[f"metric {number}"] = lambda run, v=value: run.evaluate(3, "task", odd=v)  # type: ignore[misc]
    for number, name in enumerate(NAMES):
        calls[f"name {number}"] = lambda run, n=name: run.log({n: 1.0, "beside": 1.0})  # type: ignore[misc]
        calls[f"task {number}"] = lambda run, n=name: (run.begin_task(n), run.evaluate(4, n, accuracy=0.5))  # type: ignore[misc]
        calls[f"event {number}"] = lambda run, n=name: run.event(n, n, odd=n)  # type: ignore[misc]
    for number, step in enumerate(STEPS):
        calls[f"step {number}"] = lambda run, s=step: run.log(beside=1.0, step=s, split="val")  # type: ignore[misc]
        calls[f"event at {number}"] = lambda run, s=step: run.event("data", "odd", step=s)  # type: ignore[misc]
        calls[f"evaluation at {number}"] = lambda run, s=step: run.evaluate(s, "task", accuracy=0.5, n=s)  # type: ignore[misc]
    return calls


def attack(folder: Path, quick: bool) -> Tally:
    tally, path = Tally(), folder / "runs.db"
    good = watch(store=path, name="good")
    good.log(loss=1.0)
    good.finish()
    calls = verbs()
    for name in list(calls)[:: 20 if quick else 1]:
        _one(path, name, calls[name], {}, tally)
    for number, config in enumerate(CONFIGURATIONS[:: 6 if quick else 1]):
        _one(path, f"configuration {number}", lambda run: None, {"config": config}, tally)
    _commands(path, folder, tally)
    return tally


def _one(path: Path, name: str, call: Callable[[LiveRun], object], options: dict[str, Any], tally: Tally) -> None:
    run = watch(store=path, name=name, **options)
    try:
        for step in range(1, 21):
            run.log(loss=float(step))
            if step == 10:
                call(run)
        problem = ""
    except Exception as error:
        problem = f"raises {error!r}"
    run.finish()
    store = Store(path)
    lost, wrong = amiss(store, run.id, 20)
    if name.startswith(("value", "name")):
        beside = store.series(run.id, "beside").values.tolist() if "beside" in store.signals(run.id) else []
        lost += beside != [1.0]
    tally.count(not problem, f"{name}: {problem}", lost=lost, wrong=wrong)
    store.close()


def _commands(path: Path, folder: Path, tally: Tally) -> None:
    """Every command goes on for the good run and for all together."""
    for words in (
        ["runs"], ["runs", "--json"], ["runs", "--where", "final_loss < 100"], ["check"], ["check-run", "good"],
        ["compare", "good", "value 0"], ["export", "good", "--csv", folder / "good.csv"],
        ["export", "name 0", "--jsonl", folder / "odd.jsonl"],
        ["report", "good", "value 0", "configuration 0", "--out", folder / "all.html"],
    ):  # fmt: skip
        status, shown = command(*words, "--store", path)
        tally.count(status != 99, f"{words[0]}: status {status}: {shown[-200:]}")
