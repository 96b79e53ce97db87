"""`barograph check`."""

from __future__ import annotations

import contextlib
from collections import Counter

import typer

from ...errors import StoreError
from ._store import HERE, Url, opened
from ._terminal import bar, line


def command(store: Url = HERE) -> None:
    """Verify a store and print what it holds; the exit status is 1 if something is wrong."""
    with opened(store) as opened_store:
        runs = opened_store.runs()
        series = points = 0
        with bar() as progress:
            for run in progress.track(runs, description="reading every series"):
                for signal, description in opened_store.signals(run.id).items():
                    for part in description.parts:
                        series += 1
                        with contextlib.suppress(StoreError):  # the store's own check names it
                            points += int(opened_store.buckets(run.id, signal, part, width=1).n.sum())
        problems = opened_store.check()
        size = opened_store.path.stat().st_size / 1e6
    states = ", ".join(f"{count} {state}" for state, count in Counter(run.state for run in runs).items())
    content = f"{len(runs)} runs{f' ({states})' if states else ''}, {series:,} series, {points:,} points"
    line(f"{opened_store.path}: {size:,.1f} MB, {content}")
    for problem in problems:
        line(problem, err=True)
    if problems:
        raise typer.Exit(1)
    line("no problems found")
