"""`barograph demo`."""

from __future__ import annotations

import time
from pathlib import Path
from subprocess import Popen
from typing import Annotated

import typer

from . import _children
from ._store import HERE, Url, opened, say
from .serve import Port


def command(
    store: Url = HERE,
    steps: Annotated[int | None, typer.Option(min=1, help="Optimizer steps.")] = None,
    name: Annotated[str | None, typer.Option(help="The run's name.")] = None,
    schedule: Annotated[str | None, typer.Option(help="cosine or wsd.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the model and of the batches.")] = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="With the dashboard, or training only.")] = True,
    port: Port = 8501,
) -> None:
    """Trains a small transformer on the Python standard library's own source, with the dashboard beside it."""
    from ...db.places.paths import store_path

    if schedule not in (None, "cosine", "wsd"):
        raise typer.BadParameter(f"{schedule!r}; expected cosine or wsd", param_hint="--schedule")
    path = store_path(store)
    with opened(store, create=True):  # says now what is wrong with it
        pass
    options = {"steps": steps, "name": name, "schedule": schedule, "seed": seed}
    train = _children.training(path, options)
    if not serve:
        raise typer.Exit(_train(train, path))
    host = "127.0.0.1"
    _children.require_free(host, port)
    code = 1
    with _children.interruptible():
        with _children.started(_children.dashboard(host, port), path, quiet=True) as server:
            with _children.started(train, path) as training:
                if _children.wait_for(host, port, server):
                    say(f"Dashboard: {_children.address(host, port)}  (store: {path}; Ctrl-C ends both)")
                    code = 0
                code = _watch(server, training) or code
    raise typer.Exit(code)


def _train(train: list[str], path: Path) -> int:
    with _children.interruptible(), _children.started(train, path) as training:
        return abs(training.wait())
    return 130


def _watch(server: Popen, training: Popen) -> int:
    """Waits until the dashboard ends; says when the training has."""
    said = False
    while server.poll() is None:
        if not said and training.poll() is not None:
            said = True
            how = "has ended" if training.returncode == 0 else f"failed with status {training.returncode}"
            say(f"the training {how}; the dashboard stays until Ctrl-C", aside=training.returncode != 0)
        time.sleep(0.1)
    say(f"the dashboard ended with status {server.returncode}", aside=True)
    return 1
