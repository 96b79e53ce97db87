"""Evaluations of tasks between the boundaries of training, and which tasks can have been forgotten."""

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors._support.task_visits import (
    ACCURACY,
    LEAST,
    MOST,
    USUAL,
    PerTask,
    TaskHistory,
    at,
    error,
    matched,
    reach,
    readable,
    shares,
    stretches,
)
from barograph.dashboard.analysis.detectors.detector import Happening, News
from tests.dashboard.analysis.detectors.made_up_tasks import sequence


def points(steps, values):
    return np.array(steps), np.array(values, float)


def test_the_news_is_cut_at_boundaries_and_an_evaluation_at_one_was_made_before_it():
    news = News(30, {ACCURACY: {("a",): points([5, 10, 11, 20, 30], [0.1, 0.2, np.nan, 0.4, 0.5])}}, (
        Happening(20, "data", "other"), Happening(10, "task", "b", "begin"), Happening(15, "note", "hello"),
    ))  # fmt: skip
    found = [(rows[ACCURACY], boundary) for rows, boundary in stretches(news, (ACCURACY,))]
    assert [boundary and boundary.step for _, boundary in found] == [10, 20, None]
    assert [rows["a"][0].tolist() for rows, _ in found] == [[5, 10], [20], [30]]


def test_a_task_with_a_part_of_its_own_is_named_by_both():
    news = News(5, {ACCURACY: {("a", "test"): points([5], [0.5]), ("b",): points([5], [np.inf])}})
    ((rows, _),) = stretches(news, (ACCURACY,))
    assert set(rows[ACCURACY]) == {"a / test"} and len(at(rows[ACCURACY], "b")[0]) == 0


def test_only_shares_are_accuracies():
    assert shares(points([1, 2, 3, 4], [-0.1, 0, 1, 82]))[0].tolist() == [2, 3]


def test_the_error_of_a_share_is_binomial_and_never_zero():
    assert error(0.5, 1000) == pytest.approx(0.5 / 1000**0.5, rel=1e-3)
    assert error(1.0, 100) == pytest.approx(error(0.0, 100)) and 0 < error(1.0, 100) < error(0.5, 100)
    assert error(0.3, float("nan")) == error(0.3, 0) == error(0.3, USUAL)


def test_two_evaluations_are_different_beyond_four_errors_and_what_matters():
    assert reach(0.5, 100) == pytest.approx(4 * 2**0.5 * error(0.5, 100))
    assert reach(0.5, 10**8) == LEAST


def test_a_task_can_have_been_forgotten_while_another_is_learned():
    history, held = TaskHistory(), []
    for boundary in sequence("a", "b", "a"):
        history.turn(boundary)
        held.append((boundary.text, boundary.boundary, history.holds("a"), history.holds("b")))
    assert held == [
        ("a", "begin", False, False), ("a", "end", False, False), ("b", "begin", True, False),
        ("b", "end", False, False), ("a", "begin", False, True), ("a", "end", False, False),
    ]  # fmt: skip
    assert history.visits == {"a": 2, "b": 1}


def test_other_data_can_harm_every_task_unless_the_run_began_with_them():
    history = TaskHistory()
    assert not history.holds("a")
    history.turn(Happening(0, "data", "first"))
    assert not history.holds("a")
    history.turn(Happening(100, "data", "second"))
    assert history.holds("a")


def test_a_thing_for_each_task_is_made_once_and_for_so_many_tasks():
    made = []
    each = PerTask(lambda task: made.append(task) or [task])
    assert each["a"] is each["a"] and made == ["a"]
    for i in range(MOST):
        each[f"task {i}"]
    assert each["one more"] is None and len(list(each)) == len(made) == MOST


def test_values_are_matched_by_step():
    found = matched(points([1, 2, 5, 9], [0] * 4), points([2, 3, 5], [20, 30, 50]))
    np.testing.assert_array_equal(found, [np.nan, 20, 50, np.nan])
    assert np.isnan(matched(points([1], [0]), points([], []))).all()


def test_the_accuracy_of_readable_answers():
    value = points([1, 2, 3, 4], [0.4, 0.4, 0.4, 0.9])
    counts, invalid = points([1, 2, 4], [100] * 3), points([1, 2, 3, 4], [50, 0, 50, 60])
    steps, found = readable(value, counts, invalid)
    assert steps.tolist() == [1, 2, 3, 4] and found == pytest.approx([0.8, 0.4, 0.4, 1.0])
    assert value[1][0] == 0.4  # what was recorded is left as it is
