"""A small picture of the loss for an alert, as PNG."""

from __future__ import annotations

import pandas as pd

from ....db import Store
from ...charts.alert import alert

BUCKETS = 260


def png(store: Store, run_id: str, first: int, last: int) -> bytes | None:
    """The loss from well before step `first` to well behind `last`; None without losses."""
    import vl_convert

    around = max(200, 2 * (last - first), first // 10)
    found = store.buckets(run_id, "loss", lo=max(0, first - around), hi=last + around, width=BUCKETS)
    if not len(found):
        return None
    loss = pd.DataFrame({"step": found.last, "low": found.low, "high": found.high, "mean": found.mean})
    loss["bad"] = found.bad / found.n
    spec = alert(loss, max(first, int(found.first[0])), min(last, int(found.last[-1]))).to_json()
    return vl_convert.vegalite_to_png(spec, scale=1.5)
