"""How many parameters are best spent on the vocabulary."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling.questions.vocabulary import KIND, Vocabulary
from tests.dashboard.analysis.scaling.questions.asking import usual
from tests.dashboard.analysis.scaling.tables import TRUE, fitted


def test_the_answer_has_the_lowest_loss_of_all_shares():
    law, c = fitted("vocabulary").law, TRUE["vocabulary"]
    words = np.geomspace(1e6, 1e10, 4001)
    at = {"params": np.full_like(words, 1e9), "vocab_params": words, "tokens": 1e21 / 6 / (1e9 + words)}
    best = words[np.argmin(law(at, **c))]
    found = float(Vocabulary(1e9, 1e21).apply(fitted("vocabulary")).split("parameters, ")[1].split("M ")[0]) * 1e6
    assert found == pytest.approx(best, rel=0.05)


def test_the_budget_that_is_usual_is_that_of_the_point_with_its_vocabulary():
    point = {"params": 1e9, "vocab_params": 1e8, "tokens": 2e10}
    assert usual(KIND, fitted("vocabulary"), point) == Vocabulary(1e9, 6 * 1.1e9 * 2e10)
    assert not KIND.fits(fitted())
