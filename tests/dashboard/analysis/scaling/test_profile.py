"""Profile intervals."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import fit
from barograph.dashboard.analysis.scaling.profile import profile
from tests.dashboard.analysis.scaling.tables import table


def test_profile_and_bootstrap_agree_where_the_table_holds_the_constants():
    made = fit("chinchilla", table(count=100, noise=0.004))
    for name, value in made.values.items():
        found, drawn = profile(made, name), made.interval(name)
        assert found.low < value < found.high and found.mid == pytest.approx(value)
        assert 0.4 < np.log(found.high / found.low) / np.log(drawn.high / drawn.low) < 2.5
    held = fit("chinchilla", table(), held={"alpha": 0.35}, draws=10)
    with pytest.raises(ValueError, match="alpha was held at 0.35"):
        profile(held, "alpha")


def test_a_higher_level_is_a_wider_profile():
    made = fit("chinchilla", table(count=60, noise=0.004), draws=60)
    half, most = profile(made, "E", 0.5), profile(made, "E", 0.9)
    assert most.low < half.low < made.values["E"] < half.high < most.high
    assert half.level == 0.5 and most.level == 0.9
