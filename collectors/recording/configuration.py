"""A configuration of any kind as plain objects that JSON can hold: names, and numbers, texts and lists below them.

    a mapping               dict, OmegaConf, ml_collections, yacs and their kin: by its keys
    declared fields         dataclasses, attrs, pydantic, named tuples: by their fields
    an object, a class      argparse's Namespace, SimpleNamespace, minGPT's CfgNode, `class Config: lr = 1e-3`: by its
                            public attributes; one inside another only if all of its attributes are settings too
    anything else           its text, without addresses, which differ from run to run

A value that cannot be read (OmegaConf's "???", an interpolation that leads nowhere) is kept as the error's name.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping, Sequence, Set
from enum import Enum
from functools import partial
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor

LONGEST = 10_000  # characters of a text
MOST = 1000  # entries of one container, above which it is data
ALL = 5000  # settings of one configuration
DEEPEST = 16  # containers inside one another
NESTED = 4  # objects inside one another

_CODE = (FunctionType, BuiltinFunctionType, MethodType)
_LEAVES = (
    str, bytes, int, float, complex, type(None), Enum, PurePath, type, *_CODE, partial, torch.dtype, torch.device,
    np.generic,
)  # fmt: skip
_LISTS = (Sequence, Set)
_METHODS = (*_CODE, property, classmethod, staticmethod)


def configuration(value: Any) -> dict[str, Any]:
    """What a user calls the configuration of a run, as an object of names; what has no names is kept as `config`.

    >>> configuration({"lr": 1e-3, "layers": ((64, 2), (32, 1))})
    {'lr': 0.001, 'layers': [[64, 2], [32, 1]]}
    >>> configuration("lr: 0.001")
    {'config': 'lr: 0.001'}
    """
    if value is None:
        return {}
    found = plain(value, named=True)
    return found if isinstance(found, dict) else {"config": found}


def plain(value: Any, *, named: bool = False) -> Any:
    """One value as JSON can hold it; `named`: any object stands for its attributes, however odd some of them are."""
    return _Reader().read(value, named=named)


class _Reader:
    """Reads one configuration: how much of it there is so far, and inside of what it is."""

    def __init__(self) -> None:
        self._left = ALL
        self._inside: list[Any] = []

    def read(self, value: Any, *, named: bool = False) -> Any:
        try:
            return self._read(value, named)
        except Exception as error:  # code of its own, such as keys that cannot be listed
            return unreadable(value, error)

    def _read(self, value: Any, named: bool) -> Any:
        self._left -= 1
        if self._left < 0:
            return f"left out: the configuration has over {ALL:,} settings"
        if isinstance(value, Tensor | np.ndarray | np.generic):
            return self._array(value)
        if isinstance(value, Enum):
            value = value.value if isinstance(value.value, str | int | float) else value.name
        if value is None or isinstance(value, bool | str | int | float):
            return _scalar(value)
        entries = _entries(value, self._inside[-1:], named)
        listed = isinstance(value, _LISTS) and not isinstance(value, bytes | bytearray | memoryview)
        if entries is None and not listed:
            return text(value)
        if len(self._inside) >= DEEPEST or any(value is one for one in self._inside):
            return f"left out: a {type(value).__name__} inside itself, or over {DEEPEST} deep"
        self._inside.append(value)
        try:
            return self._list(value) if entries is None else self._names(*entries)
        finally:
            self._inside.pop()

    def _names(self, names: list[Any], get: Callable[[Any], Any]) -> Any:
        if len(names) > MOST:
            return f"left out: {len(names):,} entries"
        return {_name(name): self._entry(name, get) for name in names}

    def _entry(self, name: Any, get: Callable[[Any], Any]) -> Any:
        try:
            value = get(name)
        except Exception as error:
            return f"<{type(error).__name__}>"
        return self.read(value)

    def _list(self, value: Any) -> Any:
        if len(value) > MOST:
            return f"left out: {len(value):,} entries"
        return [self.read(one) for one in (sorted(value, key=text) if isinstance(value, Set) else value)]

    def _array(self, value: Any) -> Any:
        count = value.numel() if isinstance(value, Tensor) else value.size
        if count > MOST or getattr(value, "is_meta", False):
            return f"{type(value).__name__} of shape {tuple(value.shape)}, {value.dtype}"
        found = value.tolist()
        return self.read(found) if isinstance(found, list) or np.isscalar(found) else text(found)


def _entries(value: Any, outer: list[Any], named: bool) -> tuple[list[Any], Callable[[Any], Any]] | None:
    """The names in a container, and how the value of each is read; None: it has no names."""
    kind = type(value)
    if isinstance(value, Mapping) or all(callable(getattr(kind, name, None)) for name in ("keys", "__getitem__")):
        return list(value.keys()), value.__getitem__
    fields = _fields(value)
    if fields is None and isinstance(value, type):
        around = _class(outer[0]).__mro__ if outer else ()
        nested = any(value.__qualname__ == f"{one.__qualname__}.{value.__name__}" for one in around)
        fields = _attributes(value) if named or nested else None
    elif fields is None and (_settings(value) if not named else not isinstance(value, (*_LEAVES, *_LISTS))):
        fields = _attributes(value)
    return (fields, partial(getattr, value)) if fields else None


def _fields(value: Any) -> list[str] | None:
    """The declared fields of an object; None where none are declared."""
    kind = type(value)
    if isinstance(value, type):
        return None
    if dataclasses.is_dataclass(value):
        return [field.name for field in dataclasses.fields(value)]
    if hasattr(kind, "__attrs_attrs__"):
        return [field.name for field in kind.__attrs_attrs__]
    if isinstance(getattr(kind, "model_fields", None), Mapping):  # pydantic
        return [*kind.model_fields, *(getattr(value, "model_extra", None) or ())]
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return list(kind._fields)
    return None


def _attributes(value: Any) -> list[str]:
    """The public attributes of an object, its class's too, of a class or of a module: no methods."""
    own = {} if isinstance(value, type) else dict(getattr(value, "__dict__", {}))
    if isinstance(value, ModuleType):
        own = {name: one for name, one in own.items() if not isinstance(one, (*_CODE, type, ModuleType))}
    of_class: dict[str, Any] = {}
    for base in reversed(_class(value).__mro__):
        if base.__module__ != "builtins":
            of_class |= {name: one for name, one in vars(base).items() if not isinstance(one, _METHODS)}
    return [name for name in {**of_class, **own} if not name.startswith("_") and hasattr(value, name)]


def _settings(value: Any, depth: int = NESTED) -> bool:
    """Whether an object is a part of a configuration: it has attributes, and every one of them is a setting."""
    if isinstance(value, (*_LEAVES, *_LISTS, Tensor, torch.nn.Module, ModuleType)) or callable(value) or not depth:
        return False
    try:
        inside = [getattr(value, name) for name in _attributes(value)]
    except Exception:  # a property that fails
        return False
    known = (*_LEAVES, *_LISTS, Mapping)
    return bool(inside) and all(isinstance(v, known) or _fields(v) or _settings(v, depth - 1) for v in inside)


def _class(value: Any) -> type:
    return value if isinstance(value, type) else type(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, str):
        return cut(str(value))
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    return int(value) if -(1 << 63) <= value < 1 << 63 else text(value)


def _name(key: Any) -> str:
    return key if type(key) is str else text(key)


def text(value: Any) -> str:
    """The text of anything: the name of a class or function, else what it says of itself, without addresses."""
    if isinstance(value, type | FunctionType | BuiltinFunctionType):
        return f"{value.__module__}.{value.__qualname__}"
    try:
        return cut(re.sub(r" at 0x[0-9a-fA-F]+", "", str(value)))
    except Exception as error:
        return unreadable(value, error)


def unreadable(value: Any, error: Exception) -> str:
    """What stands for a value that cannot be read."""
    return f"<{type(value).__name__}: {type(error).__name__}>"


def cut(found: str) -> str:
    """A text of a length that can be stored with every run."""
    return found if len(found) <= LONGEST else f"{found[:LONGEST]}… ({len(found):,} characters)"
