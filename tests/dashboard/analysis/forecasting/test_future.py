"""Every kind of future: read from an address, written back, named, asked for and applied."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Schedule
from barograph.dashboard.analysis.forecasting.future import (
    AskChoice,
    AskKnots,
    AskNumber,
    GradientNorms,
    Start,
    known_futures,
    parse_future,
)
from barograph.errors import CannotForecast

PLAN = Schedule([0, 100, 800, 1000], [0, 1e-3, 1e-3, 0])
START = Start(PLAN, 500, GradientNorms(np.ones(500)))
ADDRESSES = {
    "keep": "keep the plan",
    "decay,linear,5000,0": "decay now, linear over 5,000 steps",
    "decay,inverse,200,0.1": "decay now, inverse over 200 steps",
    "hold,cosine,1250,250": "hold, decay over the last 250 steps to 1,250, cosine",
    "extend,1500": "stretch to step 1,500",
    "scale,0.5": "0.5 x the learning rate",
    "cycles,3,40000,0.1": "3 cycles to step 40,000",
    "knots,600:0.001,900:0": "drawn, to step 900",
    "refined": "refined from gradient norms",
}


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_is_read_and_written_back(text):
    future = parse_future(text)
    assert str(future) == text and parse_future(str(future)) == future and future.label == ADDRESSES[text]


@pytest.mark.parametrize("text", ADDRESSES)
def test_it_changes_nothing_that_has_been(text):
    changed = parse_future(text).apply(START)
    assert changed.eta[: START.at] == pytest.approx(PLAN.eta[: START.at])


def test_every_kind_has_an_address_here():
    assert {text.split(",")[0] for text in ADDRESSES} == set(known_futures())


@pytest.mark.parametrize("name", known_futures())
def test_the_questions_of_a_kind_lead_to_a_future_of_this_kind(name):
    kind = known_futures()[name]
    asking, answer = kind.ask(START), None
    try:
        while True:
            question = asking.send(answer)
            if isinstance(question, AskChoice):
                answer = question.options[0]
            elif isinstance(question, AskNumber):
                assert question.low <= question.usual <= (np.inf if question.high is None else question.high)
                answer = int(question.usual) if question.whole else question.usual
            else:
                assert isinstance(question, AskKnots)
                answer = "step,lr\n" + "\n".join(f"{step},{rate}" for step, rate in question.knots)
    except StopIteration as done:
        future = done.value
    assert future.word == name == kind.name and kind.title
    assert future.apply(START).total >= START.at and parse_future(str(future)) == future


@pytest.mark.parametrize(
    "text", ["nonsense,1", "decay", "decay,linear,many,0", "hold,linear,5", "knots", "knots,x:y", ""]
)
def test_an_address_that_cannot_be_understood_is_refused(text):
    with pytest.raises(CannotForecast, match="unknown future|cannot be understood"):
        parse_future(text)


@pytest.mark.parametrize(
    ("text", "start", "why"),
    [
        ("extend,1500", Start(PLAN, 1000), "nothing is left to stretch"),
        ("scale,2", Start(PLAN, 1000), "a plan that goes on"),
        ("scale,0", START, "a factor above 0"),
        ("refined", Start(PLAN, 500), "recorded no gradient norms"),
        ("hold,linear,510,100", START, "no room"),
    ],
)
def test_a_future_that_cannot_be_says_why(text, start, why):
    with pytest.raises(ValueError, match=why):
        parse_future(text).apply(start)
