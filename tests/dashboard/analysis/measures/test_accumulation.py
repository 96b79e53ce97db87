"""Knowledge that accumulates although tasks are forgotten at each boundary."""

import numpy as np
import pytest

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.tasks import Evaluations
from tests.dashboard.analysis.measures.histories import curve

MEASURES = discover()


def test_knowledge_accumulates_under_a_saw_tooth():
    """Two tasks in turn; each loses most at every boundary, and less each time."""
    visits = [("ab"[v % 2], 10 * v, 10 * v + 10) for v in range(8)]
    ends = [{"ab"[v % 2]: 0.9, "ab"[1 - v % 2]: 0.1 * v} for v in range(8)]
    rows = [(10 * v + 10, name, value) for v, end in enumerate(ends) for name, value in end.items()]
    record = Evaluations.of(*zip(*rows, strict=True), visits=visits)
    found = MEASURES["knowledge_accumulation"](record)
    assert found.value == pytest.approx(0.05) and found.error == pytest.approx(0, abs=1e-9)
    assert [row.mean for row in found.rows] == pytest.approx([(0.9 + 0.1 * v) / 2 for v in range(8)])
    assert [row.retained for row in found.rows][2:] == pytest.approx([0.1 * v for v in range(1, 7)])
    assert not MEASURES["knowledge_accumulation"](curve(np.linspace(0.9, 0.1, 201))).measured
