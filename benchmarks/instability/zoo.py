"""Scores the detectors on a zoo: what they said of each run, and by which step, beside what became of it.

Every run is shown to the detectors in pieces of ten steps, and a finding counts from the end of the piece after which
it was said with that severity: a "watch" that later became an "act" acted only then.

recall      diverging runs with onset >= 200 for which an "act" was said not later than 200 steps after the onset
precision   of the runs for which an "act" was said and that either diverged or were well, those that diverged
lead        onset - the first mechanism finding ("watch" or "act") that still held within 100 steps of the onset;
            0 where there is none, or where it came later
silent      nothing above a note was said, but of throughput: that is true of the machine, whatever else ran on it
Runs that never came down, that overfit or that recovered from a fault are neither well nor diverged: told apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from barograph.dashboard.analysis.detectors import discover
from barograph.dashboard.analysis.detectors.detector import News
from barograph.dashboard.analysis.detectors.scan import Scan, needed
from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.dashboard.services.detector_feed import Feed
from barograph.dashboard.services.health import facts_of
from barograph.db import Run, Store
from barograph.db.records import Finding
from benchmarks.zoo.labels import labels
from benchmarks.zoo.recipes import Recipe

PIECE = 10  # steps shown at once
EARLY, GRACE, HOLDS = 200, 200, 100
NAMES = {"output_logits": "log_z", "element_spikes": "element_spike"}  # mechanism -> detector, where they differ


@dataclass
class Scored:
    """What was said of one run: (kind, part, first) -> {severity: the step by which it was said}, and at last."""

    recipe: Recipe
    label: dict
    said: dict[tuple, dict[Severity, int]] = field(default_factory=dict)
    findings: dict[tuple, Finding] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        if self.label["outcome"] == "diverged" and self.label["onset"] < EARLY:
            return "early"
        return self.label["outcome"]

    def first(self, least: Severity, kinds: frozenset[str] | None = None, holding_at: int | None = None) -> int | None:
        """The step by which something of this severity was first said; `holding_at`: and held near that step."""
        steps = [
            min(step for severity, step in told.items() if severity >= least)
            for key, told in self.said.items()
            if max(told) >= least
            and (kinds is None or key[0] in kinds)
            and (holding_at is None or self.findings[key].last >= holding_at - HOLDS)
        ]
        return min(steps, default=None)

    @property
    def caught(self) -> bool:
        act = self.first(Severity.ACT)
        return act is not None and act <= self.label["onset"] + GRACE

    @property
    def lead(self) -> int:
        """Steps from the first mechanism finding to the onset; 0 for none."""
        told = self.first(Severity.WATCH, mechanisms(), holding_at=self.label["onset"])
        return 0 if told is None else max(0, self.label["onset"] - told)

    @property
    def named(self) -> bool:
        """Whether the mechanism was called by its name in time."""
        kind = NAMES.get(self.label["mechanism"], self.label["mechanism"])
        told = self.first(Severity.WATCH, frozenset([kind]))
        return told is not None and told <= self.label["onset"] + GRACE

    def line(self) -> str:
        """The run in one line."""
        onset = self.label["onset"] if self.outcome in ("diverged", "early", "recovered") else ""
        words = [f"{self.recipe.name:22} {self.outcome:9} {self.label['mechanism']:18} {onset:>5}"]
        for kind in sorted({key[0] for key, told in self.said.items() if max(told) > Severity.NOTE}):
            watch, act = (self.first(s, frozenset([kind])) for s in (Severity.WATCH, Severity.ACT))
            words.append(f"{kind} {watch}{'' if act is None else f' act {act}'}")
        return "  ".join(words)


def mechanisms() -> frozenset[str]:
    """Kinds that look at causes, not at the loss."""
    return frozenset(name for name, detector in discover().items() if detector.mechanism)


def scan(store: Store, run: Run, label: dict) -> Scored:
    """What the detectors say of a run, piece by piece."""
    scored = Scored(Recipe(**run.config), label)
    eyes = Scan(facts_of(run))
    for news in Feed(store, run.id, needed()).next(run):
        for piece in pieces(news):
            for finding in eyes.see(piece):
                told = scored.said.setdefault(finding.key, {})
                told.setdefault(Severity(finding.severity), max(piece.until, finding.flagged))
    scored.findings, scored.failed = dict(eyes.findings), dict(eyes.failed)
    return scored


def pieces(news: News) -> list[News]:
    """The same news in pieces of ten steps; that the run is over is said with the last one alone."""
    firsts = [points[0][0] for parts in news.points.values() for points in parts.values() if len(points[0])]
    cuts = [*range(int(min(firsts, default=news.until)) + PIECE - 1, news.until, PIECE), news.until]
    split: list[dict] = [{} for _ in cuts]
    for signal, parts in news.points.items():
        for part, (steps, values) in parts.items():
            borders = [0, *np.searchsorted(steps, cuts, side="right")]
            for k, (lo, hi) in enumerate(zip(borders, borders[1:], strict=False)):
                if hi > lo:
                    split[k].setdefault(signal, {})[part] = steps[lo:hi], values[lo:hi]
    out, past = [], -1
    for cut, points in zip(cuts, split, strict=True):
        there = tuple(h for h in news.happenings if past < h.step <= cut and h.kind != "label")
        out.append(News(cut, points, there, news.state if cut == news.until else "running"))
        past = cut
    return out


def score(path: str | Path) -> dict:
    """The zoo's score, as printed by `python -m benchmarks.instability --zoo`."""
    store = Store(path, create=False)
    known = labels(store)
    runs = [scan(store, run, known[run.name]) for run in reversed(store.runs()) if run.name in known]
    spikes = one_spikes(store, runs)
    store.close()
    if not runs:
        raise ValueError(
            f"{path} has no finished run of the zoo; make one with `python -m benchmarks.zoo --out {path}`"
        )
    return summary(runs) | {"one_spike": spikes}


def summary(runs: list[Scored]) -> dict:
    """All figures of a scored zoo."""
    groups = {name: [r for r in runs if r.outcome == name] for name in GROUPS}
    diverged, early, healthy = groups["diverged"], groups["early"], groups["healthy"]
    acted = {name: [r for r in group if r.first(Severity.ACT) is not None] for name, group in groups.items()}
    right = len(acted["diverged"]) + len(acted["early"])
    by_mechanism = {}
    for mechanism in sorted({r.label["mechanism"] for r in diverged}):
        of = [r for r in diverged if r.label["mechanism"] == mechanism]
        by_mechanism[mechanism] = {
            "runs": len(of),
            "recall": share(sum(r.caught for r in of), len(of)),
            "named": share(sum(r.named for r in of), len(of)),
            "median_lead_steps": float(np.median([r.lead for r in of])),
        }
    caught = sum(r.caught for r in diverged)
    return {
        "runs": len(runs),
        "diverged": len(diverged) + len(early),
        "diverged_before_200": len(early),
        "healthy": len(healthy),
        "recall": share(caught, len(diverged)),
        "recall_interval": wilson(caught, len(diverged)),
        "precision": share(right, right + len(acted["healthy"])),
        "precision_interval": wilson(right, right + len(acted["healthy"])),
        "false_alarm_runs_pct": 100 * share(len(acted["healthy"]), len(healthy)),
        "false_alarm_interval_pct": [100 * x for x in wilson(len(acted["healthy"]), len(healthy))],
        "watched_healthy_pct": 100 * share(sum(map(loud, healthy)), len(healthy)),
        "median_lead_steps": float(np.median([r.lead for r in diverged])) if diverged else math.nan,
        "by_mechanism": by_mechanism,
        "early_with_act": [len(acted["early"]), len(early)],
        "spoiled_with_act": [len(acted["spoiled"]), len(groups["spoiled"])],
        "overfit_with_act": [len(acted["overfit"]), len(groups["overfit"])],
        "recovered_with_act": [len(acted["recovered"]), len(groups["recovered"])],
        "missed": [r.recipe.name for r in diverged if not r.caught],
        "false_alarms": [r.recipe.name for r in acted["healthy"]],
        "rises_not_silent": [r.recipe.name for r in runs if r.recipe.schedule in ("rewarm", "wsds") and loud(r)],
        "cured_twins_with_logits": cured_twins_with_logits(runs),
        "failed_detectors": {name: said for r in runs for name, said in r.failed.items()},
        "per_run": [r.line() for r in sorted(runs, key=lambda r: (GROUPS.index(r.outcome), r.recipe.name))],
    }


GROUPS = ("diverged", "early", "spoiled", "overfit", "recovered", "healthy")


MACHINE = frozenset(["throughput", "stalled"])  # what these find is true of the machine that trained the zoo


def loud(run: Scored) -> bool:
    """Whether anything above a note was said of the training; of how fast the machine was does not count."""
    return run.first(Severity.WATCH, frozenset(discover()) - MACHINE) is not None


def cured_twins_with_logits(runs: list[Scored]) -> list[str]:
    """Twins with qk-norm of which attention logits are said, where they are said of the run without it."""
    logits = frozenset(["attention_logits"])
    flagged = {r.recipe.twin for r in runs if r.recipe.twin and r.first(Severity.WATCH, logits) is not None}
    return [r.recipe.name for r in runs if r.recipe.name in flagged and r.first(Severity.WATCH, logits) is not None]


def one_spikes(store: Store, runs: list[Scored]) -> list[dict]:
    """Of runs with one large gradient element: where it was found, and that the norm of the gradient hides it."""
    by_name = {r.recipe.name: r for r in runs}
    return [
        {
            "run": run.recipe.name,
            "step": run.recipe.at,
            "found": element_spikes(run, run.recipe.at),
            "in_clean_twin": element_spikes(by_name[run.recipe.twin], run.recipe.at),
            **hidden(store, run.recipe),
        }
        for run in runs
        if run.recipe.fault == "one_spike" and run.recipe.twin in by_name
    ]


def element_spikes(run: Scored, at: int) -> list[list]:
    """[step, tensor] of each element spike that holds at a step."""
    return [[f.first, f.part] for f in run.findings.values() if f.kind == "element_spike" and f.first <= at <= f.last]


def hidden(store: Store, recipe: Recipe) -> dict:
    """The gradient norm at the spike, and the 99 % band of the clean twin's in the 100 steps on either side."""
    norms = [store.series(store.run(name).id, "grad_norm") for name in (recipe.name, recipe.twin)]
    near = norms[1].values[np.abs(norms[1].steps - recipe.at) <= 100]
    low, high = np.quantile(near, [0.005, 0.995]).tolist()
    norm = float(norms[0].values[np.searchsorted(norms[0].steps, recipe.at)])
    return {"norm": norm, "clean_band": [low, high], "inside": low <= norm <= high}


def share(some: int, of: int) -> float:
    """NaN of none."""
    return some / of if of else math.nan


def wilson(some: int, of: int, z: float = 1.96) -> list[float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if not of:
        return [math.nan, math.nan]
    p, centre = some / of, (some + z * z / 2) / (of + z * z)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return [max(0.0, centre - half), min(1.0, centre + half)]
