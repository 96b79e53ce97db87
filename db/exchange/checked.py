"""Checks what a file claims of a record: JSON values against the types that the record's fields declare."""

from __future__ import annotations

from functools import cache
from types import GenericAlias, UnionType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Record = TypeVar("Record")
LARGEST = 2**62  # of a whole number that the tables are given from outside


def fitting(kind: type, found: dict[str, Any]) -> dict[str, Any]:
    """The fields of the record `kind` that JSON gives with values of the declared type; others are left out.

    A number must be finite, a whole number below 2^62; nothing is converted, but for lists to tuples.
    """
    from pydantic import ValidationError

    out = {}
    for name, adapter in _adapters(kind).items():
        if name in found:
            try:
                out[name] = adapter.validate_python(found[name])
            except ValidationError:
                continue
    return out


def made(kind: type[Record], found: dict[str, Any]) -> Record | None:
    """The record that JSON describes, None where a field that it cannot do without is missing."""
    try:
        return kind(**fitting(kind, found))
    except TypeError:
        return None


@cache
def _adapters(kind: type) -> dict[str, TypeAdapter[Any]]:
    from pydantic import ConfigDict, TypeAdapter

    config = ConfigDict(strict=True, allow_inf_nan=False)
    return {name: TypeAdapter(_bounded(hint), config=config) for name, hint in get_type_hints(kind).items()}


def _bounded(hint: Any) -> Any:
    """The type with its whole numbers bounded, and tuples that take JSON's lists."""
    from pydantic import Field

    if hint is int:
        return Annotated[int, Field(gt=-LARGEST, lt=LARGEST)]
    if get_origin(hint) is UnionType:
        first, *rest = (_bounded(one) for one in get_args(hint))
        for one in rest:
            first = first | one
        return first
    if get_origin(hint) is dict:
        key, value = get_args(hint)
        return GenericAlias(dict, (key, _bounded(value)))
    return Annotated[hint, Field(strict=False)] if get_origin(hint) is tuple else hint
