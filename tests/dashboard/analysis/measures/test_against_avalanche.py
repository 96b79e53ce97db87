"""Forgetting, BWT and FWT equal to Avalanche's, where that library is installed (it is no dependency of ours).

pip install avalanche-lib
python -m pytest tests/dashboard/analysis/measures/test_against_avalanche.py
"""

import pytest

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.tasks import Evaluations
from tests.dashboard.analysis.measures import oracle_tasks as oracle

pytest.importorskip("avalanche", reason="avalanche-lib is not installed", exc_type=ImportError)


def known(seed):
    """A history without recurring tasks (Avalanche has no visits), and its matrix of accuracies at task ends."""
    rows, visits = oracle.made_up(seed)
    visits = [visit for at, visit in enumerate(visits) if visit[0] not in [v[0] for v in visits[:at]]]
    rows = [row for row in rows if row[0] <= visits[-1][2]]
    step, task, value, n, _ = zip(*rows, strict=True)
    return rows, visits, Evaluations.of(step, task, value, n=n, visits=visits)


@pytest.mark.parametrize("seed", range(20))
def test_forgetting_and_backward_transfer(seed):
    from avalanche.evaluation.metrics.forgetting_bwt import BWT, Forgetting

    rows, visits, record = known(seed)
    forgetting, bwt = Forgetting(), BWT()
    for metric in (forgetting, bwt):
        for visit in visits:
            metric.update(visit[0], oracle.at_end(rows, visit[0], visit), initial=True)
        for name in oracle.earlier(visits):
            metric.update(name, oracle.at_end(rows, name, visits[-1]))
    assert discover()["forgetting"](record).per_task == pytest.approx(forgetting.result(), abs=1e-12)
    assert discover()["bwt"](record).per_task == pytest.approx(bwt.result(), abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_forward_transfer(seed):
    from avalanche.evaluation.metrics.forward_transfer import ForwardTransfer

    rows, visits, record = known(seed)
    forward = ForwardTransfer()
    for before, visit in zip(visits, visits[1:], strict=False):
        (initial,) = (value for step, value in oracle.curve(rows, visit[0]) if step == 0)
        forward.update(visit[0], initial, initial=True)
        forward.update(visit[0], oracle.at_end(rows, visit[0], before))
    assert discover()["fwt"](record).per_task == pytest.approx(forward.result(), abs=1e-12)
