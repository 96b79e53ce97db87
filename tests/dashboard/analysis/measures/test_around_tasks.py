"""Format drift, accumulation, losses beside accuracies and over-optimisation, on histories whose answer is known."""

import numpy as np
import pytest

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.tasks import Evaluations

MEASURES = discover()
TWO = [("a", 0, 100), ("b", 100, 200)]


def curve(value, visits=TWO, **more):
    value = np.asarray(value, float)
    return Evaluations.of(np.arange(len(value)), ["a"] * len(value), value, visits=visits, **more)


def test_answers_in_no_readable_format_are_superficial_forgetting():
    """Every fall is by format: of the readable answers as many are right as before."""
    invalid = np.where(np.arange(201) > 100, 500, 0)
    record = curve(0.8 * (1 - invalid / 1000), n=1000, n_invalid=invalid)
    found = MEASURES["superficial_forgetting"](record)
    assert found.value == pytest.approx(0.4) and "format drift: a" in found.note
    assert MEASURES["essential_forgetting"](record).value == pytest.approx(0, abs=1e-12)
    (row,) = found.rows
    assert row.format_drift and (row.valid_now, row.given_valid_now) == pytest.approx((0.5, 0.8))


def test_wrong_answers_in_the_right_format_are_essential():
    record = curve(np.where(np.arange(201) > 100, 0.4, 0.8), n=1000, n_invalid=0)
    found = MEASURES["essential_forgetting"](record)
    assert found.value == pytest.approx(0.4) and not found.rows[0].format_drift
    assert MEASURES["superficial_forgetting"](record).value == pytest.approx(0)


def test_no_readable_answer_at_all_is_superficial():
    record = curve(np.where(np.arange(201) > 100, 0.0, 0.8), n=100, n_invalid=np.where(np.arange(201) > 100, 100, 0))
    assert MEASURES["superficial_forgetting"](record).value == pytest.approx(0.8)


def test_without_counts_the_parts_are_not_measured():
    found = MEASURES["superficial_forgetting"](curve(np.linspace(0.9, 0.1, 201)))
    assert not found.measured and "pass n and n_invalid" in found.note


def test_knowledge_accumulates_under_a_saw_tooth():
    """Two tasks in turn; each loses most at every boundary, and less each time."""
    visits = [("ab"[v % 2], 10 * v, 10 * v + 10) for v in range(8)]
    ends = [{"ab"[v % 2]: 0.9, "ab"[1 - v % 2]: 0.1 * v} for v in range(8)]
    rows = [(10 * v + 10, name, value) for v, end in enumerate(ends) for name, value in end.items()]
    record = Evaluations.of(*zip(*rows, strict=True), visits=visits)
    found = MEASURES["knowledge_accumulation"](record)
    assert found.value == pytest.approx(0.05) and found.error == pytest.approx(0, abs=1e-9)
    assert [row.mean for row in found.rows] == pytest.approx([(0.9 + 0.1 * v) / 2 for v in range(8)])
    assert [row.retained for row in found.rows][2:] == pytest.approx([0.1 * v for v in range(1, 7)])
    assert not MEASURES["knowledge_accumulation"](curve(np.linspace(0.9, 0.1, 201))).measured


def test_the_loss_falls_while_the_task_fails():
    steps = np.arange(201)
    dip = np.where(steps <= 100, 0.9, np.minimum(0.9, 0.3 + 0.01 * (steps - 101)))
    random = np.random.default_rng(0)
    accuracy = random.binomial(1000, dip) / 1000
    falling = 3 - 0.005 * steps + 0.002 * random.standard_normal(201)
    found = MEASURES["loss_falls_task_fails"](curve(accuracy, n=1000, also={"loss": falling}))
    assert found.value == pytest.approx(0.6, abs=0.05)
    (row,) = found.rows
    assert row.boundary == 100 and 101 <= row.lowest_at < 110 and row.loss_fallen > 0
    assert MEASURES["loss_falls_task_fails"](curve(accuracy, n=1000, also={"loss": 6 - falling})).value == 0
    noise = random.binomial(1000, 0.9, 201) / 1000
    assert MEASURES["loss_falls_task_fails"](curve(noise, n=1000, also={"loss": falling})).value == 0
    assert not MEASURES["loss_falls_task_fails"](curve(accuracy, n=1000)).measured


def test_domains_are_compared_with_the_exact_start():
    """Nats lost on the first kind and won on the second, over the second's visit."""
    step, task = [0, 0, 100, 100, 200, 200], ["a", "b"] * 3
    losses = [5.0, 5.0, 2.0, 4.0, 3.5, 1.0]
    record = Evaluations.of(step, task, [np.nan] * 6, visits=TWO, also={"loss": losses})
    assert MEASURES["loss_forgetting"](record).per_task == {"a": 1.5}
    assert MEASURES["loss_adaptation"](record).per_task == {"a": 3.0, "b": 3.0}
    assert not MEASURES["acc"](record).measured


def test_over_optimisation_has_a_turning_point():
    steps = np.arange(1, 81)
    d = np.sqrt(steps / 80)
    random = np.random.default_rng(1)
    gold = 1.5 * d * (1 + np.log(np.sqrt(30 / 80) / d)) + 0.01 * random.standard_normal(80)
    proxy = 0.9 * d + 0.01 * random.standard_normal(80)
    found = MEASURES["proxy_gold_turn"](Evaluations.of(steps, ["a"] * 80, proxy, also={"gold": gold}))
    (turn,) = found.rows
    assert turn.at.holds(30) and turn.at.width < 20 and found.value == turn.at.mid
    still = MEASURES["proxy_gold_turn"](Evaluations.of(steps, ["a"] * 80, proxy, also={"gold": proxy}))
    assert not still.measured and "no turning point" in still.note


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_says_what_it_is_and_survives_anything(name):
    measure = MEASURES[name]
    assert measure.name == name and measure.title and measure.sentence.endswith(".")
    assert measure.better in ("higher", "lower", "neither")
    for record in (
        curve([0.5], visits=[]),
        curve([0.5], visits=[("a", 0, 0)]),
        curve(np.full(201, np.nan)),
        curve(np.zeros(201), n=10, n_invalid=10, also={"loss": [np.nan] * 201, "gold": [np.nan] * 201}),
        curve(np.ones(201), n=1, fixed=True, also={"loss": np.zeros(201), "gold": np.zeros(201)}),
        Evaluations.of([5, 300], ["x", "y"], [0.1, 0.2], visits=[("a", 0, 100), ("b", 100, None)]),
    ):
        found = measure(record)
        assert found.measured or found.note
