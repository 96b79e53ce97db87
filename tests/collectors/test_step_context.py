"""A shared quantity is one function: computed once a step, whoever asks first."""

from __future__ import annotations

from barograph.collectors.measurement import Moment
from barograph.collectors.step_context import StepContext, of_weights, shared
from tests.collectors.one_step import context

calls = []


@shared
def of_the_step(step: StepContext) -> int:
    """A quantity of a file of its own."""
    calls.append("step")
    return len(calls)


@of_weights
def of_its_weights(step: StepContext) -> int:
    calls.append("weights")
    return len(calls)


def test_a_quantity_is_computed_once_and_those_of_weights_again_after_the_step():
    step = context()
    assert of_the_step(step) == of_the_step(step) == 1
    assert of_its_weights(step) == of_its_weights(step) == 2
    step.taken()
    assert step.moment is Moment.AFTER
    assert of_the_step(step) == 1 and of_its_weights(step) == 3
    assert of_the_step(context()) == 4 and of_the_step.__doc__ == "A quantity of a file of its own."


def test_what_a_signal_keeps_is_the_same_at_every_step():
    step = context()
    assert step.state(list) is StepContext(2, step.optimizer, step.layout).state(list)


def test_parameters_without_a_gradient_are_left_out():
    step = context()
    step.layout.params[0].grad = None
    assert step.rows == (1,) and step.names == ("a.bias",) and step.ids == {id(step.layout.params[1])}
