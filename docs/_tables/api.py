"""The public objects, for mkdocstrings: where each is defined is looked up, not written down."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import barograph
from barograph.collectors.run import LiveRun
from barograph.dashboard.analysis import forecasting, scaling
from barograph.db import Store, records


def render() -> str:
    parts = ["## barograph", *_entries(barograph)]
    parts += ["## Parts of a store", *(_entry(part, members=True) for part in _parts_of_a_store())]
    parts += ["## A run that is being recorded", _entry(LiveRun, members=True)]
    parts += ["## Records: what a store returns", *(_entry(record) for record in _records())]
    for package, title in ((forecasting, "Forecasting"), (scaling, "Scaling laws")):
        parts += [f"## {title}: `{package.__name__}`", *_entries(package)]
    return "\n\n".join(parts)


def _entries(module: ModuleType) -> Iterable[str]:
    for thing in sorted((getattr(module, name) for name in module.__all__), key=_rank):
        yield _entry(thing, members=thing is Store)


def _rank(thing: object) -> int:
    """Functions before classes before errors."""
    return inspect.isclass(thing) + (inspect.isclass(thing) and issubclass(thing, Exception))


def _parts_of_a_store() -> list[type]:
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "runs.db")
        found = [type(part) for name, part in vars(store).items() if not name.startswith("_")]
        store.close()
    return [one for one in found if one.__module__.startswith("barograph.")]


def _records() -> list[type]:
    found = [thing for thing in vars(records).values() if inspect.isclass(thing)]
    return [one for one in found if one.__module__.startswith("barograph.") and not one.__name__.startswith("_")]


def _entry(thing: object, *, members: bool = False) -> str:
    found = inspect.getmodule(thing)
    name = getattr(thing, "__qualname__", "")
    if found is None or not name:
        raise LookupError(f"{thing!r} is public and neither a class nor a function")
    hidden = "" if members else "\n    options:\n      members: false"
    return f"::: {found.__name__}.{name}{hidden}"
