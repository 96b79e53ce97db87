"""`barograph check`."""

from __future__ import annotations

import functools
from collections import Counter

import typer

from ._store import HERE, Url, opened
from ._terminal import bar, line


def command(store: Url = HERE) -> None:
    """Verify a store and print what it holds; the exit status is 1 if something is wrong."""
    with opened(store) as opened_store:
        runs = opened_store.runs()
        series, points = opened_store.counts()
        with bar() as progress:
            task = progress.add_task("reading every series", total=series)
            problems = opened_store.check(functools.partial(progress.advance, task))
        size = opened_store.path.stat().st_size / 1e6
    states = ", ".join(f"{count} {state}" for state, count in Counter(run.state for run in runs).items())
    content = f"{len(runs)} runs{f' ({states})' if states else ''}, {series:,} series, {points:,} points"
    line(f"{opened_store.path}: {size:,.1f} MB, {content}")
    for problem in problems:
        line(problem, err=True)
    if problems:
        line(f"`barograph repair {store}` keeps what is whole", err=True)
        raise typer.Exit(1)
    line("no problems found")
