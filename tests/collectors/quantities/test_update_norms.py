"""Steps rebuilt from the optimizer's state, against the weights before and after."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.measurement import Moment, NotMeasured
from barograph.collectors.quantities.update_norms import update_moment, update_norms
from tests.collectors.one_step import context


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW])
@torch.no_grad()
def test_the_rebuilt_step_is_the_step(kind):
    step = context(optimizer=kind, lr=0.1)
    before = [p.detach().clone() for p in step.params]
    found = update_norms(step) if update_moment(step.optimizer) is Moment.BEFORE else None
    step.optimizer.step()
    step.taken()
    found = update_norms(step) if found is None else found
    moved = [float((p.detach() - w).norm()) for p, w in zip(step.params, before, strict=True)]
    assert found.tolist() == pytest.approx(moved, rel=1e-4)


def test_an_optimizer_without_a_rule():
    with pytest.raises(NotMeasured, match="no rule to rebuild the step of Adagrad"):
        update_norms(context(optimizer=torch.optim.Adagrad))
