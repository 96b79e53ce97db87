"""A run's health from what the store holds of it: the detectors' findings, their episodes, and a verdict in one line.

The scan of a run goes on from where it was: a look costs what is new since the last one. It starts anew when the run
went back to an earlier step, when an import changed values, or when points came for steps already passed.
"""

from __future__ import annotations

import functools
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...db import Finding, Run, Store
from ..analysis.detectors.blindness import Blind, blind, unjudged
from ..analysis.detectors.detector import Facts
from ..analysis.detectors.episodes import Episode, episodes, verdict
from ..analysis.detectors.scan import Scan, needed
from ..analysis.detectors.severity import Severity
from . import forecasts
from .detector_feed import Feed
from .learning_rates import main_group
from .remedies import missing

CLIPPING = ("max_grad_norm", "grad_clip", "gradient_clip_val", "clip_grad_norm", "clip_grad", "max_norm", "clip")
SHARE = 0.03  # of the time that scanning anew may take, where points keep coming late
COSTLY, PACE = 0.05, 9.0  # seconds; a running run that took so long is scanned again after so many times that
STILL = 5.0  # seconds after which a running run without anything new is looked at all the same: it may be stalled
KEPT = 64  # runs whose scan is held ready


@dataclass(frozen=True, eq=False)
class Health:
    """What is known of a run's health, having seen everything up to step `until`.

    `findings` are in order of first step, with the user's judgement; `episodes` are made of those that the user did
    not silence or mark as wrong. `missing` has a sentence for each detector without its signals, `failed` the problem
    of each one that broke, `blind` those with too few reports; `judged` is False where nothing wrong could have been
    found in the loss, and nothing was found elsewhere.
    """

    run: Run
    findings: tuple[Finding, ...]
    episodes: tuple[Episode, ...]
    verdict: str
    missing: tuple[str, ...]
    until: int
    failed: dict[str, str] = field(default_factory=dict)
    blind: tuple[Blind, ...] = ()
    judged: bool = True

    @property
    def severity(self) -> Severity:
        """The highest of the episodes; a note where there are none."""
        return max((Severity(episode.severity) for episode in self.episodes), default=Severity.NOTE)


@dataclass
class _Watched:
    """One run's scan, and what of it has not been stored yet."""

    feed: Feed
    scan: Scan
    sign: tuple[object, ...]
    began: float
    whole_cost: float = 0.0
    seen: tuple[object, ...] = ()
    looked: float = 0.0
    cost: float = 0.0
    unsaved: dict[tuple[str, str, int], Finding] = field(default_factory=dict)
    whole: bool = True
    health: Health | None = None
    recorded: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()


class HealthChecks:
    """The health of each run of a store, one scan however many look; safe to share between threads."""

    def __init__(self, store: Store):
        self.store = store
        self._watched: dict[str, _Watched] = {}
        self._locks: dict[str, threading.RLock] = {}
        self._lock = threading.Lock()

    def of(self, run_id: str) -> Health:
        """The health of a run as of now."""
        with self._of(run_id):
            return self._look(run_id)

    def save(self, run_id: str) -> Health:
        """Looks, and stores the findings that are new or have changed, so that others learn of them."""
        with self._of(run_id):
            health = self._look(run_id)
            watched = self._watched[run_id]
            if watched.unsaved or watched.whole:
                self.store.findings.save(run_id, list(watched.unsaved.values()), whole=watched.whole)
                watched.unsaved, watched.whole = {}, False
                health = watched.health = self._health(watched, health.run)
            return health

    def _of(self, run_id: str) -> threading.RLock:
        with self._lock:
            while len(self._locks) > KEPT:
                oldest = next(iter(self._locks))
                del self._locks[oldest]
                self._watched.pop(oldest, None)
            return self._locks.setdefault(run_id, threading.RLock())

    def _look(self, run_id: str) -> Health:
        run = self.store.run(run_id)
        seen = self.store.version(run_id), run.state
        watched = self._watched.get(run_id)
        now = time.monotonic()
        if watched is not None and watched.health is not None and watched.seen[1] == run.state:
            since = now - watched.looked
            same = watched.seen == seen and (run.state != "running" or since < STILL)
            if same:
                return watched.health
            if run.state == "running" and COSTLY < watched.cost and since < PACE * watched.cost:
                watched.health = self._health(watched, run)  # what the user thinks of it shows at once
                return watched.health
        imports = [e.data.get("rewritten", e.time) for e in self.store.events(run_id) if e.kind == "import"]
        sign = self.store.identity(), tuple(self.store.lineage(run_id)), tuple(imports)
        if watched is None or watched.sign != sign or self._stale(watched, run, now):
            scan = Scan(facts_of(run))
            watched = self._watched[run_id] = _Watched(Feed(self.store, run_id, needed()), scan, sign, now)
        for news in watched.feed.next(run):
            for finding in watched.scan.see(news):
                watched.unsaved[finding.key] = self._record(watched, finding)
        watched.health = self._health(watched, run)
        watched.seen, watched.looked, took = seen, now, time.monotonic() - now
        if watched.whole_cost:
            watched.cost = took
        else:
            watched.whole_cost = took
        return watched.health

    def _stale(self, watched: _Watched, run: Run, now: float) -> bool:
        """Whether points that came late are worth a new scan: at the end, and before it now and then."""
        due = now - watched.began > max(10.0, watched.whole_cost / SHARE)
        return watched.feed.behind and (due or run.state != "running")

    def _record(self, watched: _Watched, finding: Finding) -> Finding:
        return replace(finding, attempt=watched.feed.attempt_of(finding.flagged), time=time.time())

    def _health(self, watched: _Watched, run: Run) -> Health:
        stored = {finding.key: finding for finding in self.store.findings(run.id)}
        findings = []
        for key, finding in watched.scan.findings.items():
            record = self._record(watched, finding)
            if before := stored.pop(key, None):
                alerted = before.alerted if before.severity >= record.severity else 0.0
                record = replace(record, time=before.time, judgement=before.judgement, alerted=alerted)
            findings.append(record)
        for finding in stored.values():  # not found any more, but somebody has seen it
            if finding.judgement or finding.alerted:
                findings.append(replace(finding, open=False, severity=Severity(finding.severity)))
        findings.sort(key=lambda one: (one.first, one.flagged, one.kind, one.part))
        counted = episodes([one for one in findings if one.judgement not in ("silenced", "wrong")])
        reports = watched.feed.reports
        names = frozenset(reports)
        if names != watched.recorded:
            watched.recorded, watched.missing = names, missing(names, self.store.descriptions(run.id))
        until = -1 if watched.feed.until is None else watched.feed.until
        why_not = unjudged(reports)
        line = verdict(counted, run.state, why_not)
        judged = not why_not or any(episode.severity for episode in counted)
        return Health(
            run, tuple(findings), tuple(counted), line, watched.missing, until, dict(watched.scan.failed),
            blind(reports), judged,
        )  # fmt: skip


@functools.cache
def shared(path: Path) -> HealthChecks:
    """The healths of a store for all of this process: the watcher keeps them current, the pages read them."""
    return HealthChecks(forecasts.shared(path).store)


def facts_of(run: Run) -> Facts:
    """What a run recorded of itself: planned steps, Adam's epsilon and beta2, and where its gradients are clipped."""
    group: dict[str, Any] = {}
    for optimizer in (run.provenance.get("optimizers") or [])[:1]:
        groups = optimizer.get("groups") or [{}]
        group = groups[min(int(main_group(run)), len(groups) - 1)]
    betas = group.get("betas")
    beta2 = betas[1] if isinstance(betas, list | tuple) and len(betas) > 1 else None
    limit = next((found for name in CLIPPING if (found := _positive(run.config.get(name)))), None)
    return Facts(run.steps_planned, _positive(group.get("eps")), _positive(beta2), limit)


def _positive(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf"):
        return float(value)
    return None
