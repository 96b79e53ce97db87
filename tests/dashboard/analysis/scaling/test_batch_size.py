"""Steps, tokens and batch size to a loss, against the closed form of the Kaplan law."""

import pytest

from barograph.dashboard.analysis.scaling import batch_size, fit
from tests.dashboard.analysis.scaling.tables import TRUE, table


def test_batch_sizes():
    c = TRUE["kaplan"]
    made = fit("kaplan", table("kaplan", 120, noise=0.0), draws=10)
    critical = c["B_star"] / 3.0 ** (1 / c["alpha_B"])
    assert batch_size.critical_batch_at(made, 3.0).mid == pytest.approx(critical, rel=0.01)
    at_critical, huge = (batch_size.steps_to(made, 1e9, 3.0, size) for size in (critical, 1e6 * critical))
    assert at_critical.steps.mid == pytest.approx(2 * huge.steps.mid, rel=0.01)  # twice the fewest steps
    small = batch_size.steps_to(made, 1e9, 3.0, 1e-6 * critical)
    assert at_critical.tokens.mid == pytest.approx(2 * small.tokens.mid, rel=0.01)  # and twice the fewest tokens
    floor = batch_size.smallest_loss_of(made, 1e9).mid
    assert floor == pytest.approx((c["N_c"] / 1e9) ** c["alpha_N"], rel=1e-3)
    assert not batch_size.steps_to(made, 1e9, 0.9 * floor, 1e6).steps.reachable
    with pytest.raises(ValueError, match="needs|need the Kaplan law"):
        batch_size.critical_batch_at(fit("chinchilla", table(), draws=5), 3.0)


def test_tokens_are_steps_times_batch_and_a_larger_batch_takes_fewer_steps():
    made = fit("kaplan", table("kaplan", 120, noise=0.0), draws=10)
    small, large = (batch_size.steps_to(made, 1e9, 3.0, batch) for batch in (1e5, 1e6))
    assert small.tokens.mid == pytest.approx(1e5 * small.steps.mid)
    assert large.steps.mid < small.steps.mid and large.tokens.mid > small.tokens.mid
    assert small.critical == large.critical == batch_size.critical_batch_at(made, 3.0)
