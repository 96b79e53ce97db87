"""Scores the detectors on a folder of step logs against its flags, beside rules that are in use.

A folder has index.csv (`run`, `file` and the flags, one row a run) and the files it names (`step`, `loss`, and where
known `grad_norm`, `lr`; an empty cell was not measured, "nan" and "inf" were). Every log is shown to all detectors in
pieces of 20 rows, and what was once said to be acted on counts as such, whatever became of it.

found       a finding of the loss or the gradient (severity watch or act) that covers the step of the largest jump, the
            largest ratio of a loss to the median of the 20 before it; `found_anywhere` asks for no place
recall      of the runs flagged `top_loss_jump` whose largest jump shows (a ratio of 2 at least), those found
blind       so few losses that none could have been found, and that is said (`blind_runs`)
precision   of the runs flagged `top_loss_jump` or `random_control` of which a watch or an act was said, the former
false alarm a control of which an "act" was said; `watched_controls_pct` counts those with a "watch" too
lead        steps from the first gradient finding that still held at the largest jump (or the row before) to it, else 0

With `every` above 1 each log is thinned to each so many-th row first, as if the run had reported more rarely.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from barograph.dashboard.analysis.detectors.blindness import unjudged
from barograph.dashboard.analysis.detectors.detector import Facts, News, Points
from barograph.dashboard.analysis.detectors.scan import Scan
from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.db.records import Finding
from benchmarks.instability.zoo import share, wilson

PIECE = 20  # rows shown at once
BEFORE = 20  # losses that a jump is held against
SHOWS = 2.0  # times their median: a jump that is still to be seen in a thinned log
KINDS = "loss_spike", "divergence", "gradient_spike", "non_finite"
POSITIVE, CONTROL = "top_loss_jump", "random_control"
ASKED = {  # flag -> the kinds that should speak of it
    "top_loss_jump": KINDS,
    "top_gradnorm_jump": ("gradient_spike",),
    "gradnorm_inf": ("non_finite",),
    "rebound": ("divergence",),
}


@dataclass
class Log:
    """One run's log, and what was said of it; `gravest` is the severity that each finding ever had."""

    name: str
    flags: frozenset[str]
    columns: dict[str, Points]
    findings: dict[tuple, Finding] = field(default_factory=dict)
    gravest: dict[tuple, Severity] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def said(self, least: Severity, kinds: tuple[str, ...] | None = None) -> list[Finding]:
        """The findings that ever had this severity."""
        named = [self.findings[key] for key, severity in self.gravest.items() if severity >= least]
        return sorted((f for f in named if kinds is None or f.kind in kinds), key=lambda f: (f.flagged, f.kind))

    @property
    def jump(self) -> tuple[int, float]:
        """Row and size of the largest jump of the loss; one that is not finite is larger than all."""
        losses = pd.Series(self.columns["loss"][1])
        finite = losses.where(np.isfinite(losses))
        ratio = losses / finite.rolling(BEFORE, min_periods=5).median().shift(1)
        ratio[~np.isfinite(losses)] = np.inf
        return (int(ratio.argmax()), float(ratio.max())) if ratio.notna().any() else (0, np.nan)

    @property
    def shows(self) -> bool:
        """Whether the log still has a jump that could be found."""
        return self.jump[1] >= SHOWS

    @property
    def blind(self) -> str:
        """Why nothing could have been found in it; "" where something could, or was."""
        return "" if self.said(Severity.WATCH) else unjudged({"loss": len(self.columns["loss"][0])})

    def covers(self, finding: Finding) -> bool:
        """Whether a finding holds at the largest jump, or in the row before or after."""
        steps, at = self.columns["loss"][0], self.jump[0]
        return finding.first <= steps[min(at + 1, len(steps) - 1)] and finding.last >= steps[max(at - 1, 0)]

    @property
    def found(self) -> bool:
        return any(self.covers(one) for one in self.said(Severity.WATCH, KINDS))

    @property
    def lead(self) -> int:
        at = int(self.columns["loss"][0][self.jump[0]])
        gradient = [one.flagged for one in self.said(Severity.WATCH, ("gradient_spike",)) if self.covers(one)]
        return max(0, at - min(gradient, default=at))


def read(folder: Path, every: int = 1) -> list[Log]:
    """All logs of a folder, in the order of its index, each thinned to its rows 0, `every`, 2 `every` ..."""
    index = pd.read_csv(folder / "index.csv", dtype=str, keep_default_na=False)
    logs = []
    for row in index.to_dict("records"):
        table = pd.read_csv(folder / row["file"], keep_default_na=False, na_values=[], dtype=str)
        table = table.assign(step=table["step"].astype(float).astype(int)).drop_duplicates("step", keep="last")
        table = table.sort_values("step").iloc[::every]
        columns = {}
        for name in table.columns.intersection(["loss", "grad_norm", "lr"]):
            measured = table[table[name].str.strip() != ""]
            columns[name] = measured["step"].to_numpy(np.int64), measured[name].astype(float).to_numpy()
        flags = frozenset(name for name, value in row.items() if value.strip().lower() in ("true", "1", "1.0"))
        logs.append(Log(row["run"], flags & {*ASKED, CONTROL}, columns))
    return logs


def scan(log: Log) -> None:
    """Shows a log to the detectors, piece by piece."""
    eyes = Scan(Facts())
    steps = log.columns["loss"][0]
    cuts = [int(step) for step in steps[PIECE - 1 : -1 : PIECE]] + [int(steps[-1])]
    low = -1
    for until in cuts:
        points = {}
        for name, (at, values) in log.columns.items():
            new = (at > low) & (at <= until)
            points[name] = {("0",) if name == "lr" else (): (at[new], values[new])}
        for finding in eyes.see(News(until, points, state="finished" if until == cuts[-1] else "running")):
            log.gravest[finding.key] = max(log.gravest.get(finding.key, Severity.NOTE), finding.severity)
        low = until
    log.findings, log.failed = eyes.findings, eyes.failed


def score(folder: Path, every: int = 1) -> dict:
    """All figures, of all runs and of each half (every second row of the index); of logs thinned to each `every`-th."""
    logs = read(folder, every)
    for log in logs:
        scan(log)
    halves = {"even_rows": logs[::2], "odd_rows": logs[1::2]}
    return {
        "every": every,
        **figures(logs),
        "blind_runs": [{"run": log.name, "why": log.blind} for log in logs if log.blind],
        "halves": {name: figures(half) for name, half in halves.items()},
        "rules": [{"rule": name, **verdicts(logs, rule)} for name, rule in (OURS | RULES).items()],
        "failed_detectors": {name: said for log in logs for name, said in log.failed.items()},
        "per_run": [told(log) for log in logs],
    }


def figures(logs: list[Log]) -> dict:
    """Recall, precision, false alarms and leads of some logs."""
    jumped = [log for log in logs if POSITIVE in log.flags]
    controls = [log for log in logs if CONTROL in log.flags]
    showing = [log for log in jumped if log.shows]
    found = sum(log.found for log in showing)
    spoken = [sum(bool(log.said(Severity.WATCH)) for log in group) for group in (jumped, controls)]
    acted = sum(bool(log.said(Severity.ACT)) for log in controls)
    by_flag = {}
    for flag, kinds in ASKED.items():
        of = [log for log in logs if flag in log.flags]
        named = sum(bool(log.said(Severity.WATCH, kinds)) for log in of)
        by_flag[flag] = {"runs": len(of), "kinds": list(kinds), "recall": share(named, len(of))}
    return {
        "runs": len(logs),
        "diverged": len(jumped),
        "showing": len(showing),
        "recall": share(found, len(showing)),
        "recall_interval": wilson(found, len(showing)),
        "found_anywhere": share(sum(bool(log.said(Severity.WATCH, KINDS)) for log in jumped), len(jumped)),
        "precision": share(spoken[0], sum(spoken)),
        "precision_interval": wilson(spoken[0], sum(spoken)),
        "controls": len(controls),
        "false_alarm_runs_pct": 100 * share(acted, len(controls)),
        "false_alarm_interval_pct": [100 * x for x in wilson(acted, len(controls))],
        "watched_controls_pct": 100 * share(spoken[1], len(controls)),
        "median_lead_steps": float(np.median([log.lead for log in jumped])) if jumped else float("nan"),
        "by_mechanism": by_flag,
    }


def told(log: Log) -> dict:
    """What was said of one run."""
    row, size = log.jump
    return {
        "run": log.name,
        "flags": sorted(log.flags),
        "largest_jump": {"step": int(log.columns["loss"][0][row]), "times": size},
        "found": log.found,
        "findings": [
            {
                "kind": one.kind,
                "first": one.first,
                "last": one.last,
                "flagged": one.flagged,
                "severity": one.severity.name.lower(),
                "gravest": log.gravest[one.key].name.lower(),
                "sentence": one.sentence,
            }
            for one in log.said(Severity.NOTE)
        ],
    }


def ours(log: Log) -> bool:
    return bool(log.said(Severity.WATCH, KINDS))


def spiked(log: Log) -> bool:
    return bool(log.said(Severity.WATCH, ("loss_spike",)))


def acted(log: Log) -> bool:
    return bool(log.said(Severity.ACT))


def rolling(width: int, sds: float, robust: bool = False):
    """Any loss not finite, or so many sd above the mean (or median) of the `width` before it; 20 of them at least."""

    def rule(log: Log) -> bool:
        if not np.isfinite(log.columns["loss"][1]).all():
            return True
        losses = pd.Series(log.columns["loss"][1])
        window = losses.shift(1).rolling(width, min_periods=min(20, width))
        if not robust:
            return bool((losses > window.mean() + sds * window.std()).any())
        middle = window.median()
        spread = window.apply(lambda known: np.nanmedian(np.abs(known - np.nanmedian(known))), raw=True) / 0.6745
        return bool((losses > middle + sds * spread).any())

    return rule


OURS = {"Barograph": ours, "Barograph, loss spikes alone": spiked, "Barograph, act alone": acted}
RULES = {
    "rolling z-score, 3 sd of the last 100": rolling(100, 3),
    "rolling z-score, 6 sd of the last 100": rolling(100, 6),
    "median/MAD, 6 robust sd of the last 100": rolling(100, 6, robust=True),
    "OLMo, 7 sd from the mean of the last 1,000": rolling(1000, 7),
}


def verdicts(logs: list[Log], rule) -> dict:
    """Recall, precision and the share of controls of a rule that speaks or is silent."""
    jumped = sum(rule(log) for log in logs if POSITIVE in log.flags)
    controls = sum(rule(log) for log in logs if CONTROL in log.flags)
    return {
        "recall": share(jumped, sum(POSITIVE in log.flags for log in logs)),
        "precision": share(jumped, jumped + controls),
        "controls_pct": 100 * share(controls, sum(CONTROL in log.flags for log in logs)),
    }
