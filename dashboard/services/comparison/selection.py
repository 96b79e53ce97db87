"""A comparison of runs that are named, or that a filter keeps."""

from __future__ import annotations

from collections.abc import Sequence

from ....db import Store
from ..run_table import filtered
from .compare import compare
from .result import Comparison


def compare_named(
    store: Store,
    names: Sequence[str],
    where: str | None = None,
    *,
    signal: str | None = None,
    axis: str = "step",
    reference: str | None = None,
    target: float | None = None,
    better: str | None = None,
) -> Comparison:
    """Compares the runs with these names or ids, or those that `where` keeps, with the run named `reference`.

    NoSuchRun for an unknown name, InvalidInput for a filter with a mistake and what cannot be compared.
    """
    chosen = filtered(store, where) if where else [store.run(name) for name in dict.fromkeys(names)]
    base = store.run(reference) if reference else None
    if base is not None and base.id not in {run.id for run in chosen}:
        chosen = [base, *chosen]
    held = base.id if base else None
    return compare(store, chosen, signal=signal, axis=axis, reference=held, target=target, better=better)
