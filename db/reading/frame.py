"""Series as a pandas table, for a notebook or a script."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..records import Buckets, Series

if TYPE_CHECKING:
    import pandas


def long_table(found: Iterable[Series | Buckets]) -> pandas.DataFrame:
    """Series below each other with columns step, signal, part, value; buckets have low and high beside their mean."""
    import pandas

    tables = []
    for one in found:
        if isinstance(one, Series):
            table = pandas.DataFrame({"step": one.steps, "value": one.values})
        else:
            table = pandas.DataFrame({"step": one.first, "value": one.mean, "low": one.low, "high": one.high})
        table.insert(1, "signal", one.signal)
        table.insert(2, "part", "/".join(one.part))
        tables.append(table)
    if not tables:
        return pandas.DataFrame(columns=["step", "signal", "part", "value"])
    return pandas.concat(tables, ignore_index=True)
