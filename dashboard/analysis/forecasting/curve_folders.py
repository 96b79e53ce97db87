"""Folders of finished loss curves: `index.csv` (one row a run) and the curves it names, with columns step, lr, loss."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ....errors import CannotForecast
from .prior import Finished, Setup
from .schedule import FOUND, Schedule


@dataclass(frozen=True, eq=False)
class Curve(Finished):
    """One run of a folder: its curve (points without a loss left out) and its row of the index."""

    row: dict[str, str]

    @property
    def name(self) -> str:
        return self.row["run"]

    @property
    def total(self) -> int:
        return int(float(self.row["total_steps"]))

    @property
    def last(self) -> np.ndarray:
        """Which points make up the final loss: the last of a WSD run, the last 3 otherwise, or the last
        `final_window` steps.
        """
        window = int(float(self.row.get("final_window") or 0))
        if window:
            return self.steps > self.total - window
        return np.arange(len(self.steps)) >= len(self.steps) - (1 if self.row["schedule"].startswith("wsd") else 3)

    @property
    def truth(self) -> float:
        """The final loss."""
        return float(self.losses[self.last].mean())

    @property
    def end(self) -> int:
        """The step that the final loss belongs to: some logs stop short of the planned end."""
        return int(round(self.steps[self.last].mean()))


def read_set(folder: Path) -> list[Curve]:
    """Every run of a folder. Raises ValueError where it has no index, naming the layout expected."""
    folder = Path(folder)
    if not (folder / "index.csv").exists():
        raise CannotForecast(
            f"{folder} has no index.csv: expected one row a run (run, file, params, peak_lr, schedule, warmup, "
            "total_steps, setup) and the curves it names (step, lr, loss)"
        )
    return [_read(folder, row) for row in _rows(folder / "index.csv")]


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def _read(folder: Path, row: dict[str, str]) -> Curve:
    points = _rows(folder / row["file"])
    steps, lr, loss = (np.array([float(point[key] or "nan") for point in points]) for key in ("step", "lr", "loss"))
    warmup = int(float(row["warmup"])) if row.get("warmup") else FOUND
    about = {key: row[key] for key in ("optimizer", "loss_kind") if row.get(key)}
    project = row.get("project") or folder.name
    setup = Setup(row["setup"], project, float(row["peak_lr"]), float(row["params"]), **about)
    keep = np.isfinite(loss)
    return Curve(steps[keep], loss[keep], Schedule(steps, lr, warmup), setup, row)


def read_ladder(folder: Path) -> list[Finished]:
    """The runs of a model ladder that logs one wide table a run (`190M-1xC.csv`): Pile loss, LR from the end of the
    warm-up.

    Rows are sparse, so the end of the warm-up is taken from the run of the same size that was logged most densely.
    """
    tables: list[tuple[str, float, np.ndarray, np.ndarray, np.ndarray]] = []
    warmups: dict[str, int] = {}
    for path in sorted(Path(folder).glob("*.csv")):
        rows = _rows(path)
        steps, lr, loss = (
            np.array([float(row[key] or "nan") for row in rows])
            for key in ("_step", "optim/learning_rate_group0", "pile_ce")
        )
        peak, size = float(rows[0]["learning_rate_peak"]), path.stem.split("-")[0]
        tables.append((size, peak, steps, lr, loss))
        if lr[0] < 0.5 * peak:  # the first row is in the warm-up: a line through 0
            warmups[size] = round(peak / lr[0] * steps[0])
    runs = []
    for size, peak, steps, lr, loss in tables:
        after = steps > warmups[size]
        schedule = Schedule(np.r_[0, warmups[size], steps[after]], np.r_[0, peak, lr[after]], warmups[size])
        keep = np.isfinite(loss)
        runs.append(
            Finished(steps[keep], loss[keep], schedule, Setup(size, Path(folder).name, peak, float(size[:-1]) * 1e6))
        )
    return runs
