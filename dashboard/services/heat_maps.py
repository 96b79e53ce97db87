"""Heat maps of all parts of a signal: rows that fit on a page, colours that one wild value does not set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...db import Store
from ...formatting import short
from .frames import View, label, place

Part = tuple[str, ...]
MOST = 80  # rows
CELLS = 5000
LONGEST = 100  # characters of a row's name
POSITIVE = 0.9  # share of the values from which on colour is logarithmic


@dataclass(frozen=True, eq=False)
class Map:
    """Cells as a frame for `charts.heat`, the parts behind each row, whether colour is logarithmic, and what it shows.

    `shows` is "high" or "low": which extreme of a cell is the alarming one. The parts of a row begin with the most
    extreme.
    """

    frame: pd.DataFrame
    rows: dict[str, list[Part]]
    log: bool
    shows: str

    def outline(self, row: str) -> pd.DataFrame:
        """Where one row lies, to be marked; nothing for a row that is not there."""
        found = self.frame[self.frame["part"] == row]
        ends = {"from_x": [found["from_x"].min()], "to_x": [found["to_x"].max()], "part": [row]}
        return pd.DataFrame(ends if len(found) else {name: [] for name in ends})


def grouped(parts: tuple[Part, ...], most: int = MOST) -> dict[str, list[Part]]:
    """Parts by row, in model order: a row each where there is room, else by the longest common beginning that fits.

    So a thousand heads become a row a layer, and the tensors of a deep model a row a block. Where there are too many
    even so, the first `most` parts are kept.

    >>> grouped((("blocks.0", "0"), ("blocks.0", "1"), ("blocks.1", "0")), most=2)
    {'blocks.0': [('blocks.0', '0'), ('blocks.0', '1')], 'blocks.1': [('blocks.1', '0')]}
    """
    paths = [[piece for axis in part for piece in axis.split(".")] for part in parts]
    deepest = max(map(len, paths), default=0)
    for depth in range(deepest if len(parts) > most else 0, 0, -1):
        rows: dict[str, list[Part]] = {}
        for part, path in zip(parts, paths, strict=True):
            name = label(part) if len(path) <= depth else ".".join(path[:depth])
            rows.setdefault(short(name, LONGEST), []).append(part)
        if len(rows) <= most:
            return rows
    rows = {}
    for part in parts[:most]:
        rows.setdefault(short(label(part), LONGEST), []).append(part)
    return rows


def heat(store: Store, view: View, signal: str) -> Map:
    """A signal's parts over steps; a cell of several parts has the lowest and the highest of them and their mean."""
    described = store.signals(view.run)[signal]
    rows = grouped(described.parts)
    width = int(np.clip(CELLS // max(1, len(rows)) // 2, 24, 80))  # a grid has width to 2 x width columns
    most = sum(map(len, rows.values()))
    parts, edges, low, high, mean = store.grid(view.run, signal, lo=view.lo, hi=view.hi, width=width, most=most)
    row_of = {part: row for row, members in enumerate(rows.values()) for part in members}
    shows = "low" if described.better == "higher" else "high"
    extremes = np.fmax.reduce(-low if shows == "low" else high, axis=1, initial=-np.inf)
    worst = dict(zip(parts, extremes, strict=True))
    rows = {row: sorted(members, key=lambda part: -worst.get(part, -np.inf)) for row, members in rows.items()}
    kept, low, high, mean = _merged(np.array([row_of[part] for part in parts], int), low, high, mean)
    x = place(store, view, edges) if parts else edges
    row, column = (a.ravel() for a in np.indices(mean.shape))
    frame = pd.DataFrame(
        {
            "part": np.array(list(rows), object)[kept][row],
            "from_x": x[column],
            "to_x": x[column + 1],
            "from_step": edges[column],
            "to_step": edges[column + 1] - 1,
            **{name: table.ravel() for name, table in (("low", low), ("mean", mean), ("high", high))},
        }
    )
    frame = frame[np.isfinite(frame["high"]) & ((frame["from_x"] > 0) if view.log_x else True)]
    shade, log = shaded(frame[shows].to_numpy())
    return Map(frame.assign(shade=shade), rows, log, shows)


def _merged(at: np.ndarray, low: np.ndarray, high: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, ...]:
    """From tables [parts, columns] and the row of each part: rows, lowest, highest, mean of the finite means."""
    order = np.argsort(at, kind="stable")
    rows, starts = np.unique(at[order], return_index=True)
    if len(rows) == len(at):
        return rows, low[order], high[order], mean[order]
    total, weight = (np.add.reduceat(a[order], starts) for a in (np.nan_to_num(mean), np.isfinite(mean).astype(float)))
    middle = np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)
    return rows, np.fmin.reduceat(low[order], starts), np.fmax.reduceat(high[order], starts), middle


def shaded(values: np.ndarray) -> tuple[np.ndarray, bool]:
    """Values as colour shows them, and whether its scale is logarithmic: clipped to limits that are robust.

    The limits are the 5th and the 95th percentile, widened by 1.5 times their distance (half a decade at least): a
    layer that runs away is seen against the others, and one value of 1e30 does not paint all else in one colour.
    """
    positive = values[values > 0]
    log = len(positive) > POSITIVE * len(values) and not (values < 0).any()
    if not len(values):
        return values, log
    scale = np.log10(positive) if log else values
    low, high = np.percentile(scale, [5, 95])
    reach = 1.5 * max(high - low, 0.33 if log else 0.0)
    low, high = max(scale.min(), low - reach), min(scale.max(), high + reach)
    if not log and low == high:  # all but a few are the same: what differs must show
        low, high = scale.min(), scale.max()
    return np.clip(values, *((10**low, 10**high) if log else (low, high))), log
