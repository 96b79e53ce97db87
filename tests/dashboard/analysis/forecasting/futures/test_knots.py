"""A drawn or uploaded schedule: read, thinned to what fits into a link, refused where it is none."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Schedule
from barograph.dashboard.analysis.forecasting.future import parse_future
from barograph.dashboard.analysis.forecasting.futures.knots import MOST, piecewise, read_csv


def test_an_uploaded_schedule_becomes_a_word_and_back():
    plan = Schedule([0, 100, 800, 1000], [0, 1e-3, 1e-3, 0])
    text = "step,lr\n" + "\n".join(f"{step},{rate}" for step, rate in zip(range(1, 1001), plan.eta, strict=True))
    word = str(read_csv(text))
    pairs = parse_future(word).knots
    back = np.interp(np.arange(1, 1001), *zip(*pairs, strict=True))
    assert len(pairs) < 12 and np.allclose(back, plan.eta, atol=1e-8)
    for bad in ("a,b\n1,2", "step,lr\nx,y", "step,lr\n1,-1", "", "step,lr\n", "step,lr\n1"):
        with pytest.raises(ValueError, match="expected"):
            read_csv(bad)


def test_a_long_curve_is_thinned_to_what_fits_into_a_link():
    rates = 1e-3 * np.cos(np.linspace(0, 1.5, 3000))
    many = read_csv("Step, LR\n" + "\n".join(f"{step},{rate}" for step, rate in enumerate(rates, 1)))
    assert len(many.knots) == 3000 and len(many.few()) == MOST


def test_rows_in_any_order_and_twice():
    assert read_csv("step,lr\n20,1\n10,2\n\n20,5\n").knots == ((10.0, 2.0), (20.0, 1.0))


def test_the_line_that_cannot_be_used_is_named():
    with pytest.raises(ValueError, match="plan.csv, line 3"):
        read_csv("step,lr\n1,1\n2,x\n", "plan.csv")


def test_knots_of_the_past_change_nothing():
    plan = Schedule([0, 100, 800, 1000], [0, 1e-3, 1e-3, 0])
    drawn = piecewise(plan, 500, [50, 700, 900], [9, 5e-4, 1e-4])
    assert drawn.eta[:500] == pytest.approx(plan.eta[:500])
    assert drawn.eta[[599, 699, 799, 899]] == pytest.approx([7.5e-4, 5e-4, 3e-4, 1e-4])
    with pytest.raises(ValueError, match="no knot lies after step 500"):
        piecewise(plan, 500, [5], [1e-4])
