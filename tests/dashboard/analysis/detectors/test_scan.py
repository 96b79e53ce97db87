"""All detectors on one run."""

from __future__ import annotations

import numpy as np

from barograph.dashboard.analysis.detectors import discover
from barograph.dashboard.analysis.detectors.detector import Facts, News
from barograph.dashboard.analysis.detectors.scan import Scan, needed

FACTS = Facts(planned=4000, eps=1e-8, beta2=0.999, max_norm=1.0)


def test_a_detector_that_raises_does_not_stop_the_others(monkeypatch):
    scan = Scan(FACTS)

    class Broken:
        def see(self, news):
            raise RuntimeError("no such thing")

    scan._watches["divergence"] = Broken()
    steps = np.arange(300)
    losses = np.where(steps == 200, 50.0, 2 + 0.01 * np.sin(steps))
    found = scan.see(News(299, {"loss": {(): (steps, losses)}}))
    assert scan.failed == {"divergence": "RuntimeError: no such thing"}
    assert "loss_spike" in {one.kind for one in found}


def test_every_signal_that_is_needed_has_a_name():
    assert needed() >= {"loss", "grad_norm", "lr", "tokens"}


LOSS = np.where(np.arange(300) == 200, 50.0, 2 + 0.01 * np.sin(np.arange(300)))


def part(low, high):
    return News(high - 1, {"loss": {(): (np.arange(low, high), LOSS[low:high])}})


def test_it_reports_what_is_new_or_has_changed_and_keeps_what_each_reported_last():
    scan = Scan(FACTS)
    assert scan.see(part(0, 200)) == []
    (spike,) = (one for one in scan.see(part(200, 300)) if one.kind == "loss_spike")
    assert spike.first == 200 and scan.findings[spike.key] == spike and not scan.failed
    assert scan.see(News(299)) == []  # nothing came, nothing has changed


def test_one_look_and_many_leave_the_same_findings():
    whole, pieces = Scan(FACTS), Scan(FACTS)
    whole.see(part(0, 300))
    for low in range(0, 300, 25):
        pieces.see(part(low, low + 25))
    assert whole.findings and pieces.findings == whole.findings


def test_what_is_needed_is_what_the_detectors_name():
    assert needed() == {signal for one in discover().values() for signal in one.signals}
