"""Members of a folder, found by being there: adding one is adding a file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import TypeVar

Member = TypeVar("Member")


def modules(package: str) -> Iterator[ModuleType]:
    """The modules of a package and of its sub-packages, in the order of their names.

    What begins with an underscore is the members' support, not a member.
    """
    for found in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if found.name.startswith("_"):
            continue
        name = f"{package}.{found.name}"
        if found.ispkg:
            yield from modules(name)
        else:
            yield importlib.import_module(name)


def members(package: str, kind: type[Member]) -> dict[str, Member]:
    """Name -> member, for every value of type `kind` that a module of this package has made; sorted by name.

    Raises ValueError where two members have one name, since the second would hide the first.
    """
    found: dict[str, Member] = {}
    for module in modules(package):
        for one in vars(module).values():
            if not isinstance(one, kind):
                continue
            name = str(one.name)  # type: ignore[attr-defined]
            if found.setdefault(name, one) is not one:
                raise ValueError(f"two members of {package} are called {name!r}; rename one of them")
    return dict(sorted(found.items()))
