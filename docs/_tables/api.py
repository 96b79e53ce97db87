"""The public objects, for mkdocstrings: where each is defined is looked up, not written down."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from types import ModuleType

import barograph
from barograph.collectors.run import LiveRun
from barograph.dashboard.analysis import forecasting, scaling


def render() -> str:
    parts = ["## barograph", *_entries(barograph)]
    parts += ["## A run that is being recorded", _entry(LiveRun, members=True)]
    for package, title in ((forecasting, "Forecasting"), (scaling, "Scaling laws")):
        parts += [f"## {title}: `{package.__name__}`", *_entries(package)]
    return "\n\n".join(parts)


def _entries(module: ModuleType) -> Iterable[str]:
    for name in module.__all__:
        yield _entry(getattr(module, name), members=name == "Store")


def _entry(thing: object, *, members: bool = False) -> str:
    found = inspect.getmodule(thing)
    name = getattr(thing, "__qualname__", "")
    if found is None or not name:
        raise LookupError(f"{thing!r} is public and neither a class nor a function")
    hidden = "" if members else "\n    options:\n      members: false"
    return f"::: {found.__name__}.{name}{hidden}"
