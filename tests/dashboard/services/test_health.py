"""A run's health: the same whether it was followed live or read at once, judged by the user, stored for others."""

import time

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors import scan
from barograph.dashboard.analysis.detectors.detector import Detector
from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.dashboard.services import health as health_room
from barograph.dashboard.services.health import HealthChecks, facts_of, shared
from barograph.db import Event, Run, RunWriter, Store
from barograph.db.records import Finding
from tests.dashboard import made_up


class Above:
    """Every loss above 5 is a finding; it needs no past."""

    def __init__(self, facts):
        self.facts = facts

    def see(self, news):
        steps, values = news.of("loss")
        high = steps[values > 5]
        return [Finding("above", "", s, s, s, Severity.ACT, f"the loss is high at {s}") for s in high.tolist()]


class Broken(Above):
    def see(self, news):
        raise KeyError("no such thing")


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """However busy this machine is, no look counts as dear."""
    monkeypatch.setattr(health_room, "COSTLY", float("inf"))


@pytest.fixture
def above(monkeypatch):
    found = {name: Detector(name, name, ("loss",), kind) for name, kind in (("above", Above), ("broken", Broken))}
    monkeypatch.setattr(scan, "discover", lambda: found)


def noisy(n: int, seed: int = 0) -> np.ndarray:
    """A loss that falls, with a spike, and is lost in the end."""
    rng = np.random.default_rng(seed)
    loss = 2 + 3 * np.exp(-np.arange(n) / 150) + 0.03 * rng.standard_normal(n)
    loss[n // 2] += 4
    loss[int(n * 0.8) :] += np.linspace(0, 4, n - int(n * 0.8))
    loss[-5:] = np.nan
    return loss


def said(found) -> list:
    return [(f.key, f.last, f.flagged, f.severity, f.sentence, f.open, f.attempt) for f in found.findings]


def test_a_finished_run_is_examined_at_once(tmp_path):
    store, steps = Store(tmp_path / "runs.db"), np.arange(1000)
    store.append(Run("a", "a", state="diverged"), {"loss": (steps, noisy(1000))})
    found = HealthChecks(store).of("a")
    kinds = {finding.kind for finding in found.findings}
    assert {"loss_spike", "divergence", "non_finite"} <= kinds and not found.failed
    assert found.until == 999 and found.severity == Severity.ACT and found.verdict.startswith("It diverged")
    assert found.episodes[-1].open and any("attention" in sentence.lower() for sentence in found.missing)


@pytest.mark.parametrize("seed", range(3))
def test_followed_live_it_is_the_same_as_read_at_once(tmp_path, seed):
    rng, n = np.random.default_rng(seed), 900
    loss, norm = noisy(n, seed), np.abs(1 + 0.1 * rng.standard_normal(n))
    norm[600] = 30.0
    writer = RunWriter.open(tmp_path / "runs.db", Run("a", "a", steps_planned=n))
    live, at = HealthChecks(Store(tmp_path / "runs.db")), 0
    while at < n:
        end = min(n, at + int(rng.integers(1, 120)))
        writer.columns(np.arange(at, end), ("loss", ("lr", "0")), np.stack([loss[at:end], np.full(end - at, 1e-3)], 1))
        live.save("a")
        writer.columns(np.arange(at, end), ("grad_norm",), norm[at:end, None])  # some time later, as from a device
        live.save("a") if rng.random() < 0.5 else live.of("a")
        at = end
    writer.close("diverged")
    followed = live.save("a")
    once = HealthChecks(Store(tmp_path / "runs.db")).of("a")
    assert said(followed) == said(once) and len(once.findings) >= 4
    stored = [(f.key, f.last, f.severity, f.open) for f in live.store.findings("a")]
    assert stored == [(f.key, f.last, f.severity, f.open) for f in once.findings], "what is stored is what is shown"


def test_a_run_that_goes_back_is_scanned_anew_and_what_was_abandoned_is_gone(tmp_path, above):
    writer = RunWriter.open(tmp_path / "runs.db", Run("a", "a"))
    loss = np.ones((100, 1))
    loss[[20, 90]] = 9.0
    writer.columns(np.arange(100), ("loss",), loss)
    healths = HealthChecks(Store(tmp_path / "runs.db"))
    assert [f.first for f in healths.save("a").findings] == [20, 90]
    writer.begin_attempt(49)
    writer.columns(np.arange(50, 70), ("loss",), np.full((20, 1), 1.0))
    assert [(f.first, f.attempt) for f in healths.save("a").findings] == [(20, 0)]
    writer.points(70, ("loss",), [7.0])
    assert [(f.first, f.attempt) for f in healths.save("a").findings] == [(20, 0), (70, 1)]
    assert [(f.first, f.attempt) for f in healths.store.findings("a")] == [(20, 0), (70, 1)]
    writer.close()


@pytest.mark.parametrize("between", [False, True])
def test_points_for_steps_already_passed_are_seen_by_a_new_scan(tmp_path, monkeypatch, between):
    class AboveHeldOut(Above):
        def see(self, news):
            steps, values = news.of("val_loss")
            return [Finding("above", "", s, s, s, Severity.ACT, "high") for s in steps[values > 5].tolist()]

    monkeypatch.setattr(scan, "discover", lambda: {"a": Detector("a", "a", ("loss", "val_loss"), AboveHeldOut)})
    writer = RunWriter.open(tmp_path / "runs.db", Run("a", "a"))
    writer.columns(np.arange(100), ("loss",), np.ones((100, 1)))
    for step in (25, 75) if between else (25,):
        writer.points(step, ("val_loss",), [1.0])
    healths = HealthChecks(Store(tmp_path / "runs.db"))
    assert healths.of("a").until == 99
    writer.points(50, ("val_loss",), [9.0])
    writer.points(100, ("loss",), [1.0])
    assert healths.of("a").findings == (), "in order, or not at all"
    writer.close()
    assert [f.first for f in healths.of("a").findings] == [50]


def test_a_log_that_is_imported_again_is_scanned_anew(tmp_path, above):
    store, steps = Store(tmp_path / "runs.db"), np.arange(100)
    loss = np.where(steps == 30, 9.0, 1.0)
    healths = HealthChecks(store)
    for when, values in ((1.0, loss), (2.0, np.ones(100))):
        store.append(Run("a", "a", state="finished"), {"loss": (steps, values)}, events=[Event(0, "import", time=when)])
        found = healths.save("a")
        assert len(found.findings) == len(store.findings("a")) == (1 if when == 1.0 else 0)


def test_what_the_user_thinks_counts_and_survives_a_restart(tmp_path, above):
    store, steps = Store(tmp_path / "runs.db"), np.arange(1000)
    store.append(Run("a", "a", state="finished"), {"loss": (steps, np.where(np.isin(steps, [30, 800]), 9.0, 1.0))})
    healths = HealthChecks(store)
    assert len(healths.save("a").episodes) == 2
    store.findings.judge("a", "above", "", 30, "wrong")
    store.findings.judge("a", "above", "", 800, "acknowledged")
    for again in (healths, HealthChecks(Store(store.path))):
        found = again.save("a")
        assert [f.judgement for f in found.findings] == ["wrong", "acknowledged"]
        assert [episode.first for episode in found.episodes] == [800]
    store.findings.judge("a", "above", "", 30, "")
    assert len(healths.of("a").episodes) == 2


def test_what_somebody_has_seen_stays_when_it_is_not_said_any_more(tmp_path, above):
    store = Store(tmp_path / "runs.db")
    store.append(Run("a", "a", state="finished"), {"loss": (np.arange(9), np.ones(9))})
    old = health_room.Finding("stalled", "", 5, 5, 5, 2, "no step for ten minutes")
    store.findings.save("a", [old])
    store.findings.mark_alerted("a", [old])
    (found,) = HealthChecks(store).save("a").findings
    assert found.kind == "stalled" and not found.open


def test_a_broken_detector_is_named_and_the_others_go_on(tmp_path, above):
    store = Store(tmp_path / "runs.db")
    store.append(Run("a", "a", state="finished"), {"loss": (np.arange(9), np.full(9, 6.0))})
    found = HealthChecks(store).of("a")
    assert len(found.findings) == 9 and found.failed == {"broken": "KeyError: 'no such thing'"}


def test_an_ended_run_is_read_once(tmp_path, above, monkeypatch):
    store = Store(tmp_path / "runs.db")
    store.append(Run("a", "a", state="finished"), {"loss": (np.arange(9), np.ones(9))})
    healths = HealthChecks(store)
    first = healths.of("a")
    monkeypatch.setattr(store, "ends", lambda *_: pytest.fail("read again"))
    assert healths.of("a") is first


@pytest.mark.parametrize("situation", made_up.SITUATIONS[1:], ids=lambda s: s.__name__)
def test_every_situation_has_a_health(tmp_path, situation):
    run = situation(tmp_path / "runs.db")
    found = shared(tmp_path / "runs.db").save(run)
    assert found.verdict and not found.failed
    assert found.missing if found.until > 0 else True


def test_a_running_run_that_says_nothing_any_more_is_looked_at_all_the_same(tmp_path, monkeypatch):
    seen = []

    class Listens(Above):
        def see(self, news):
            seen.append((news.state, news.idle))
            return []

    monkeypatch.setattr(scan, "discover", lambda: {"l": Detector("l", "l", ("loss",), Listens)})
    writer = RunWriter.open(tmp_path / "runs.db", Run("a", "a"))
    writer.points(1, ("loss", "time"), [1.0, time.time() - 300 - writer.run.started])
    healths = HealthChecks(Store(tmp_path / "runs.db"))
    healths.of("a")
    monkeypatch.setattr(healths._watched["a"], "looked", time.monotonic() - 10)
    healths.of("a")
    assert len(seen) == 2 and seen[0][0] == "running" and 300 <= seen[0][1] <= seen[1][1]
    writer.close()


def test_a_run_whose_look_is_dear_is_looked_at_less_often(tmp_path, above, monkeypatch):
    monkeypatch.setattr(health_room, "COSTLY", 0.0)
    monkeypatch.setattr(health_room, "PACE", 1e6)
    writer = RunWriter.open(tmp_path / "runs.db", Run("a", "a"))
    writer.points(1, ("loss",), [9.0])
    healths = HealthChecks(Store(tmp_path / "runs.db"))
    for step in (1, 2, 3):
        writer.points(step, ("loss",), [9.0])
        found = healths.save("a")
    assert found.until == 2, "the first look tells nothing of what the next will take"
    healths.store.findings.judge("a", "above", "", 1, "wrong")
    assert [f.judgement for f in healths.of("a").findings] == ["wrong", ""], "judgements show at once"
    writer.close()
    assert healths.of("a").until == 3


def test_facts_come_from_the_run():
    groups = [
        {"parameters": 10, "eps": 1e-6, "betas": [0.9, 0.95]},
        {"parameters": 99, "eps": 1e-8, "betas": [0.9, 0.98]},
    ]
    run = Run("a", "a", steps_planned=7, config={"grad_clip": 1}, provenance={"optimizers": [{"groups": groups}]})
    facts = facts_of(run)
    assert (facts.planned, facts.eps, facts.beta2, facts.max_norm) == (7, 1e-8, 0.98, 1.0)
    odd = Run("a", "a", config={"clip": "no"}, provenance={"optimizers": [{"groups": [{"eps": True, "betas": 3}]}]})
    assert facts_of(odd) == facts_of(Run("b", "b"))
