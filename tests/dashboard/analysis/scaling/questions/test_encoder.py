"""How encoder and decoder share parameters."""

from __future__ import annotations

import pytest

from barograph.dashboard.analysis.scaling.question import parse_question
from barograph.dashboard.analysis.scaling.questions.encoder import KIND, Encoder
from barograph.errors import CannotForecast
from tests.dashboard.analysis.scaling.questions.asking import usual
from tests.dashboard.analysis.scaling.tables import TRUE, fitted


def test_the_answer_is_the_ratio_of_the_exponents():
    c = TRUE["encoder_decoder"]
    share = c["p_e"] / (c["p_e"] + c["p_d"])
    assert Encoder().apply(fitted("encoder_decoder")).startswith(f"{share:.2f} (")


def test_only_a_law_of_both_is_asked():
    assert KIND.fits(fitted("encoder_decoder")) and not KIND.fits(fitted())
    assert usual(KIND, fitted("encoder_decoder"), {}) == Encoder() == parse_question("encoder")
    with pytest.raises(CannotForecast, match="encoder-decoder law"):
        Encoder().apply(fitted())
