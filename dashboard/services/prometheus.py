"""What a store holds now, in Prometheus' text format: runs by state, where each is, its forecast, its findings.

Every running run is in it, at most MOST, and the most recent others up to RECENT: a series for each run there ever was
would burden who collects them. Source: the Prometheus exposition formats, text format 0.0.4.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ...db import Run, Store
from ...db.records import STATES
from ...errors import StoreError
from ..analysis.detectors.severity import Severity

MOST, RECENT = 50, 10
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LONGEST = 120  # characters of a label
SIGNALS = {"loss", "val_loss", "tokens_per_s"}
HELP = {
    "barograph_runs": "Runs in the store, by state.",
    "barograph_run_running": "1 while the run is being written, else 0.",
    "barograph_run_last_step": "Last step recorded.",
    "barograph_run_steps_planned": "Steps that the run plans to make.",
    "barograph_run_last_seen_timestamp_seconds": "When the run's writer was last seen.",
    "barograph_run_loss": "Last loss recorded; signal loss is of training, val_loss of held-out data.",
    "barograph_run_tokens_per_second": "Tokens trained per second.",
    "barograph_run_forecast_loss": "Newest forecast of the loss at step for_step: its middle and its 90 % interval.",
    "barograph_run_findings": "Findings of the detectors, but those silenced or called wrong, by severity.",
    "barograph_run_open_findings": "Those of them that go on.",
}

Labels = dict[str, str]
Sample = tuple[str, Labels, float]


def exposition(store: Store) -> bytes:
    """The whole answer to a scrape."""
    registry = CollectorRegistry()
    registry.register(_StoreCollector(store))
    return generate_latest(registry)


class _StoreCollector(Collector):
    """Asks the store at each scrape."""

    def __init__(self, store: Store):
        self.store = store

    def collect(self) -> Iterator[Metric]:
        samples: dict[str, list[tuple[Labels, float]]] = {name: [] for name in HELP}
        for name, labels, value in _samples(self.store):
            samples[name].append((labels, value))
        for name, found in samples.items():
            if found:
                family = GaugeMetricFamily(name, HELP[name])
                for labels, value in found:
                    family.add_sample(name, {key: _printable(text) for key, text in labels.items()}, value)
                yield family


def _samples(store: Store) -> Iterator[Sample]:
    runs = store.runs()
    for state in STATES:
        yield "barograph_runs", {"state": state}, sum(run.state == state for run in runs)
    running = [run for run in runs if run.state == "running"][:MOST]
    others = [run for run in runs if run.state != "running"][:RECENT]
    for run in running + others:
        try:
            yield from _of_run(store, run)
        except StoreError:  # damaged: `barograph check` says where; the others are scraped all the same
            continue


def _of_run(store: Store, run: Run) -> Iterator[Sample]:
    labels = {"run": run.id, "name": run.name, "project": run.project}
    yield "barograph_run_running", labels, int(run.state == "running")
    if run.last_step is not None:
        yield "barograph_run_last_step", labels, run.last_step
    if run.steps_planned:
        yield "barograph_run_steps_planned", labels, run.steps_planned
    yield "barograph_run_last_seen_timestamp_seconds", labels, run.last_seen
    ends = {key: end for key, end in store.ends(run.id, SIGNALS).items() if isinstance(key, str)}
    for key, (_, values) in store.newer(run.id, {key: end.last - 1 for key, end in ends.items()}).items():
        if key == "tokens_per_s":
            yield "barograph_run_tokens_per_second", labels, float(values[-1])
        else:
            yield "barograph_run_loss", labels | {"signal": str(key)}, float(values[-1])
    newest = next((one for one in reversed(store.predictions(run.id)) if one.schedule == "plan"), None)
    if newest is not None and math.isfinite(newest.mid):
        about = labels | {"signal": newest.signal, "for_step": str(newest.for_step)}
        for bound in ("mid", "low90", "high90"):
            yield "barograph_run_forecast_loss", about | {"bound": bound}, getattr(newest, bound)
    findings = [one for one in store.findings(run.id) if one.judgement not in ("silenced", "wrong")]
    for severity in Severity:
        alike = [one for one in findings if one.severity == severity]
        about = labels | {"severity": severity.name.lower()}
        yield "barograph_run_findings", about, len(alike)
        yield "barograph_run_open_findings", about, sum(one.open for one in alike)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text[:LONGEST])
