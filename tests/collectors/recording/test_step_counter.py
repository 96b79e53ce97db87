"""Which step a log belongs to."""

from __future__ import annotations

from barograph.collectors.recording.step_counter import StepCounter


def test_a_name_that_is_logged_before_the_first_step_belongs_to_the_step_to_come():
    counter = StepCounter(5)
    assert counter.rows({"loss": 1.0}, None) == {6: {"loss": 1.0}}
    counter.complete()
    assert counter.rows({"loss": 2.0, "late": 3.0}, None) == {7: {"loss": 2.0, "late": 3.0}}
    assert counter.step_beside(1) == 6


def test_several_logs_of_a_step_are_their_weighted_mean():
    counter = StepCounter(0)
    counter.complete()
    counter.rows({"loss": 1.0}, 1)
    assert counter.rows({"loss": 4.0}, 2) == {1: {"loss": 3.0}}
    assert counter.add_tokens(3) == 3 and counter.add_tokens(4) == 7


def test_named_steps_move_the_count_on_and_take_tokens_back():
    counter = StepCounter(0, tokens=100)
    counter.reach(10, "loss", anew=True)
    assert counter.done == 9
    counter.reach(6, "loss", anew=False)
    assert counter.done == 9
    counter.go_back(6)
    counter.reach(6, "loss", anew=True)
    assert counter.done == 5 and counter.tokens == 100 * 5 / 9


def test_late_values_have_means_of_their_own():
    counter = StepCounter(0)
    assert counter.named_row(8, {"loss": 1.0}, 1, late=False) == {8: {"loss": 1.0}}
    assert counter.named_row(4, {"loss": 6.0}, 1, late=True) == {4: {"loss": 6.0}}
    assert counter.named_row(4, {"loss": 2.0}, 3, late=True) == {4: {"loss": 3.0}}
    assert counter.named_row(8, {"loss": 3.0}, 1, late=False) == {8: {"loss": 2.0}}
