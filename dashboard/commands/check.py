"""`barograph check`."""

from __future__ import annotations

import typer

from ._store import HERE, Url, bar, opened, say


def command(store: Url = HERE) -> None:
    """Opens a store, says what is in it, verifies it; exit status 1 where something is wrong."""
    with opened(store) as opened_store:
        runs = opened_store.runs()
        series = points = 0
        with bar() as progress:
            for run in progress.track(runs, description="reading every series"):
                for signal, description in opened_store.signals(run.id).items():
                    for part in description.parts:
                        series += 1
                        points += int(opened_store.buckets(run.id, signal, part, width=1).n.sum())
        problems = opened_store.check()
        size = opened_store.path.stat().st_size / 1e6
    states = {state: sum(run.state == state for run in runs) for state in dict.fromkeys(run.state for run in runs)}
    told = ", ".join(f"{count} {state}" for state, count in states.items())
    held = f"{len(runs)} runs{f' ({told})' if told else ''}, {series:,} series, {points:,} points"
    say(f"{opened_store.path}: {size:,.1f} MB, {held}")
    for problem in problems:
        say(problem, aside=True)
    if problems:
        raise typer.Exit(1)
    say("no problems found")
