"""Series as pandas tables, for a notebook or a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import NotRecorded

if TYPE_CHECKING:
    import pandas

    from .store import Store


def frame(store: Store, run: str, *signals: str, axis: str = "step", width: int | None = None) -> pandas.DataFrame:
    """Signals of a run in long form: columns step, [axis], signal, part, value; every recorded point, NaN and inf too.

    No signals: all of them. `axis` "tokens", "time" or "flops" adds that column. With `width` each row is a bucket with
    columns low and high beside its mean. NotRecorded for a signal that the run does not have.
    """
    import pandas

    found = store.signals(run)
    unknown = [name for name in signals if name not in found]
    if unknown:
        raise NotRecorded(f"run {run} did not record {unknown[0]!r}; it has {', '.join(found) or 'nothing yet'}")
    tables = []
    for name in signals or found:
        for part in found[name].parts:
            if width is None:
                series = store.series(run, name, part)
                table = pandas.DataFrame({"step": series.steps, "value": series.values})
            else:
                b = store.buckets(run, name, part, width=width)
                table = pandas.DataFrame({"step": b.first, "value": b.mean, "low": b.low, "high": b.high})
            table.insert(1, "signal", name)
            table.insert(2, "part", "/".join(part))
            tables.append(table)
    out = (
        pandas.concat(tables, ignore_index=True)
        if tables
        else pandas.DataFrame(columns=["step", "signal", "part", "value"])
    )
    if axis != "step":
        out.insert(1, axis, store.axis(run, np.asarray(out["step"], float), axis))
    return out
