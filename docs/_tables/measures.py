"""Every measure of tasks, those of one definition together: the definition stands in the module's functions."""

from __future__ import annotations

import inspect
from itertools import groupby
from types import ModuleType

from barograph.dashboard.analysis.measures import discover
from docs._tables import doc, module_of, table, words


def render() -> str:
    found = sorted(discover().values(), key=lambda one: module_of(one.compute).__name__)
    parts: list[str] = []
    for module, measures in groupby(found, lambda one: module_of(one.compute)):
        rows = ([one.title, f"`{one.name}`", one.sentence, one.better] for one in measures)
        head = words(module.__name__.rpartition(".")[2])
        parts += [f"## {head}", doc(module), table(["measure", "name", "what it is", "better"], rows)]
        parts += _definitions(module)
    return "\n\n".join(parts)


def _definitions(module: ModuleType) -> list[str]:
    own = [thing for name, thing in vars(module).items() if not name.startswith("_") and callable(thing)]
    described = [one for one in own if inspect.getmodule(one) is module and not inspect.isclass(one) and doc(one)]
    return [f"`{one.__name__}`: {doc(one)}" for one in described if hasattr(one, "__name__")]
