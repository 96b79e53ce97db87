"""`barograph demo`."""

from __future__ import annotations

import time
from pathlib import Path
from subprocess import Popen
from typing import Annotated

import typer

from ..services.access import token
from . import _address, _children
from ._store import HERE, Url, opened
from ._terminal import line
from .serve import Port


def command(
    store: Url = HERE,
    steps: Annotated[int | None, typer.Option(min=1, help="Optimizer steps.")] = None,
    name: Annotated[str | None, typer.Option(help="The run's name.")] = None,
    schedule: Annotated[str | None, typer.Option(help="Learning-rate schedule: cosine or wsd.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the model and of the batches.")] = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Train with the dashboard, or only train.")] = True,
    port: Port = 8501,
) -> None:
    """Train a small transformer on the source of Python's standard library, with the dashboard open."""
    from ...db.places.paths import store_path

    if schedule not in (None, "cosine", "wsd"):
        raise typer.BadParameter(f"{schedule!r}; expected cosine or wsd", param_hint="--schedule")
    path = store_path(store)
    with opened(store, create=True):  # what is wrong with it is reported here
        pass
    options = {"steps": steps, "name": name, "schedule": schedule, "seed": seed}
    train = _children.training(path, options)
    if not serve:
        raise typer.Exit(_train(train, path))
    host, key = "127.0.0.1", token.given_or_new()
    _address.require_free(host, port)
    code = 1
    with _children.interruptible():
        with _children.started(_children.dashboard(host, port), path, quiet=True, **{token.VARIABLE: key}) as server:
            with _children.started(train, path) as training:
                if _children.wait_for(host, port, server):
                    line(f"Dashboard: {_address.address(host, port)}  (store: {path}; Ctrl-C ends both)")
                    line(f"{token.FOR_OTHERS}: {_address.address(host, port)}{token.link(key)}")
                    code = 0
                code = _watch(server, training) or code
    raise typer.Exit(code)


def _train(train: list[str], path: Path) -> int:
    with _children.interruptible(), _children.started(train, path) as training:
        return abs(training.wait())
    return 130


def _watch(server: Popen[bytes], training: Popen[bytes]) -> int:
    """Waits until the dashboard ends; prints when the training has."""
    reported = False
    while server.poll() is None:
        if not reported and training.poll() is not None:
            reported = True
            how = "has ended" if training.returncode == 0 else f"failed with status {training.returncode}"
            line(f"the training {how}; the dashboard stays until Ctrl-C", err=training.returncode != 0)
        time.sleep(0.1)
    line(f"the dashboard ended with status {server.returncode}", err=True)
    return 1
