"""What an import would make of a log, before anything is written, to be shown and confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ....errors import StoreError
from ....keys import SeriesKey
from ...exchange.names import plain
from ...exchange.read_notes import Notes
from .roles import Names
from .source import Source
from .steps import Steps

ROWS = 1000  # looked at


@dataclass(frozen=True)
class Preview:
    """The beginning of a log. `step` is the column that counts steps (None: the format has them, or rows are counted);
    `keys` says what each other column becomes; `steps` [n] and `values` {column: [n], NaN where there is none} are its
    first rows; `run` and `config` what the log says of its run; `missing` what charts and forecasts would lack.
    """

    step: str | None
    keys: dict[str, SeriesKey]
    steps: np.ndarray
    values: dict[str, np.ndarray]
    run: dict[str, Any]
    config: dict[str, Any]
    missing: tuple[str, ...]
    words: tuple[str, ...] = ()  # columns that stay behind: what they hold is no number


def preview(source: Source) -> Preview:
    """The first rows of a log as an import would read them. StoreError where it cannot be read or holds no number."""
    steps, names, notes = Steps(), Names(), Notes()
    try:
        for batch in source.read(lambda size: None):
            if batch is None:
                continue
            for note in batch.notes:
                notes.take(note)
            names.settle({column: key for column, key in notes.columns.items() if key is not None})
            at, good = steps.of(batch)
            columns = {name: (found.rows[good[found.rows]], found.values[good[found.rows]]) for name, found in
                       batch.columns.items()}  # fmt: skip
            words = tuple(name for name, found in batch.columns.items() if len(found.odd) and not len(found.rows))
            columns = {name: cells for name, cells in columns.items()
                       if len(cells[0]) and notes.columns.get(name, name) is not None}  # fmt: skip
            run, config = batch.run, batch.config
            if columns:
                break
        else:
            raise StoreError(f"{plain(str(source.home), 300)}: no number to import")
    except OSError as error:
        raise StoreError(f"{source.home}: cannot be read ({error.strerror})") from error
    names.meet({name: values for name, (_, values) in columns.items()})
    rows = np.flatnonzero(good)[:ROWS]
    table = {}
    for name, (where, values) in columns.items():
        table[name] = np.full(len(good), np.nan)
        table[name][where] = values
        table[name] = table[name][rows]
    keys = {name: names[name] for name in columns}
    run, config = run | notes.run, config | notes.run.get("config", {})
    return Preview(steps.column, keys, at[rows], table, run, config, _missing(keys, run), words)


def _missing(keys: dict[str, SeriesKey], run: dict[str, Any]) -> tuple[str, ...]:
    found = set(keys.values())
    lacks = {
        "a loss": not found & {"loss", "val_loss"},
        "the learning rate (the forecast needs it)": ("lr", "0") not in found,
        "tokens": "tokens" not in found and not run.get("tokens_per_step"),
        "time": "time" not in found,
    }
    return tuple(what for what, lacking in lacks.items() if lacking)
