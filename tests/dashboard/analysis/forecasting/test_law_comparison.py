"""All laws side by side on one run."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Schedule, compare, known_laws, shipped
from tests.dashboard.analysis.forecasting.synthetic import SETUP, cosine, run, wsd


def test_laws_side_by_side_find_the_one_that_made_the_run():
    steps, losses, final = run(cosine(), noise=3e-4)
    compared = compare(steps, losses, cosine(), setup=SETUP, library=shipped())
    assert compared[0].law.name == "river" and {one.law.name for one in compared} == set(known_laws())
    assert compared[0].final.mid == pytest.approx(final, rel=1e-3)
    assert compared[0].final.low < compared[0].final.mid < compared[0].final.high
    assert np.std(compared[0].residuals[compared[0].steps > 3_000]) < 1e-3


def test_only_laws_that_are_defined_for_the_run_are_compared():
    again = Schedule([0, 300, 8_000, 9_000, 20_000], [0, 5e-4, 1e-4, 5e-4, 0], 300)
    steps, losses, _ = run(again)
    compared = compare(steps, losses, again, setup=SETUP, library=shipped())
    assert {one.law.name for one in compared} == {name for name, law in known_laws().items() if law.rewarm}
    assert [one.evidence for one in compared] == sorted((one.evidence for one in compared), reverse=True)


def test_what_comes_after_the_step_asked_for_is_not_looked_at():
    steps, losses, _ = run(cosine())
    early = compare(steps, losses, cosine(), setup=SETUP, library=shipped(), at=8_000)
    alone = compare(steps[:80], losses[:80], cosine(), setup=SETUP, library=shipped())
    assert early[0].final == alone[0].final and early[0].steps.max() <= 8_000
    assert set(early[0].parameters) == set(early[0].law.parameters)


def test_too_few_losses_are_refused():
    with pytest.raises(ValueError, match="at least 4 losses after the warm-up \\(step 300\\), got 3"):
        compare([400, 500, 600], [4.0, 3.9, 3.8], wsd(), setup=SETUP, library=shipped())
