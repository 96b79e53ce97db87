"""`barograph check`."""

from __future__ import annotations

import functools
from collections import Counter
from typing import Annotated

import typer

from ._store import HERE, Url, opened
from ._terminal import bar, line


def command(
    store: Url = HERE,
    secrets: Annotated[
        bool,
        typer.Option("--secrets", help="Print where it holds secrets, instead of looking for damage."),
    ] = False,
) -> None:
    """Verify a store and print what it holds; the exit status is 1 if something is wrong."""
    if secrets:
        _secrets(store)
        return
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


def _secrets(store: str) -> None:
    with opened(store) as opened_store:
        found = opened_store.secrets()
    for sentence in found:
        line(sentence, err=True)
    if found:
        line(f"`barograph repair --secrets {store}` masks them; [secrets] in barograph.toml allows some", err=True)
        raise typer.Exit(1)
    line("no secrets found")
