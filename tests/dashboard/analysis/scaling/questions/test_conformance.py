"""Every kind of question: read from an address, written back, named, asked for and answered."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import Fitted, fit
from barograph.dashboard.analysis.scaling.question import known_questions, parse_question
from barograph.errors import CannotForecast
from tests.dashboard.analysis.scaling.tables import TRUE, table

# address -> (label, a law that answers)
ADDRESSES = {
    "point,params:7e9,tokens:1.4e11": ("This point", "chinchilla"),
    "split,1e21": ("The best split of 1e+21 FLOPs", "chinchilla"),
    "target,2.5,1e9": ("Target loss", "chinchilla"),
    "overtraining,1e9,1e11": ("Over-training", "chinchilla"),
    "next_run,1e20,params:1e10,tokens:2e11": ("The next run, within 1e+20 FLOPs", "chinchilla"),
    "repeats": ("Repeating data", "data_constrained"),
    "batch,3,1e9,1e6": ("Batch size", "kaplan"),
    "encoder": ("Encoder and decoder", "encoder_decoder"),
    "vocabulary,1e9,1e21": ("Vocabulary", "vocabulary"),
}


@pytest.fixture(scope="module")
def laws() -> dict[str, Fitted]:
    return {name: fit(name, table(name), draws=20) for name in TRUE}


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_is_read_and_written_back(text):
    question = parse_question(text)
    assert str(question) == text and parse_question(str(question)) == question
    assert question.label == ADDRESSES[text][0]


@pytest.mark.parametrize("text", ADDRESSES)
def test_it_is_answered_with_intervals(text, laws):
    answer = parse_question(text).apply(laws[ADDRESSES[text][1]])
    assert "nan" not in answer
    assert " to " in answer and any(letter.isdigit() for letter in answer)


def test_every_kind_has_an_address_here():
    assert {text.split(",")[0] for text in ADDRESSES} == set(known_questions())


@pytest.mark.parametrize("name", known_questions())
@pytest.mark.parametrize("law", TRUE)
def test_a_law_that_fits_is_asked_and_answers_and_another_refuses_in_a_sentence(name, law, laws):
    kind, made = known_questions()[name], laws[law]
    point = {column: float(2 * values.max()) for column, values in made.table.columns.items() if column != "loss"}
    if not kind.fits(made):
        text = next(text for text in ADDRESSES if text.split(",")[0] == name)
        with pytest.raises(CannotForecast, match="need|does not"):
            parse_question(text).apply(made)
        return
    asking, answer = kind.ask(made, point), None
    try:
        while True:
            wanted = asking.send(answer)
            assert wanted.title and 0 < wanted.usual < np.inf
            answer = wanted.usual
    except StopIteration as done:
        question = done.value
    assert question.word == name == kind.name and question.apply(made)
    assert parse_question(str(question)) == question
