"""Which named steps move the run on, which are late, and which show that training went back."""

from __future__ import annotations

import threading

import pytest

from barograph.collectors.recording.named_steps import NamedSteps, Placed
from barograph.collectors.recording.step_counter import StepCounter

ON, LATE, BACK = Placed.ON, Placed.LATE, Placed.BACK


@pytest.fixture
def steps():
    return NamedSteps(StepCounter(0), 0)


def in_a_thread(work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_a_sparse_series_is_late_whatever_its_order_and_the_loss_goes_back(steps):
    for step in range(1500):
        steps.place(step, ("loss",))
    assert steps.place(1499, ("val_loss",)) is ON
    assert [steps.place(step, ("val_loss",)) for step in (1000, 900, 950)] == [LATE] * 3
    assert steps.place(1500, ("loss",)) is ON and steps.front == 1500
    assert steps.place(1200, ("loss", "lr")) is BACK and steps.front == 1200
    assert steps.place(1201, ("loss",)) is ON and steps.place(1100, ("val_loss",)) is LATE


def test_without_a_loss_what_is_logged_most_often_leads(steps):
    for step in range(1, 101):
        steps.place(step, ("generator", "critic"))
        if step % 20 == 0:
            steps.place(step, ("score",))
    assert steps.place(50, ("score",)) is LATE
    assert steps.place(60, ("critic",)) is BACK


def test_threads_that_live_have_a_pace_each_and_one_that_ended_is_followed(steps):
    gate, done = threading.Event(), threading.Event()

    def fast():
        for step in range(1, 201):
            steps.place(step, ("reward",))
        done.set()
        gate.wait(20)

    other = threading.Thread(target=fast)
    other.start()
    done.wait(20)
    assert {steps.place(step, ("reward",)) for step in range(1, 200)} == {LATE}
    gate.set()
    other.join()
    assert steps.place(201, ("reward",)) is ON and steps.front == 201

    def again():
        return steps.place(100, ("reward",)), steps.place(101, ("reward",))

    anew = NamedSteps(StepCounter(0), 0)
    in_a_thread(lambda: [anew.place(step, ("reward",)) for step in range(1, 201)])
    steps = anew
    assert in_a_thread(again) == (BACK, ON)


@pytest.mark.parametrize(
    ("first", "names", "right"),
    [(99, ("loss",), ON), (100, ("loss",), ON), (7, ("loss",), BACK), (7, ("accuracy",), LATE), (300, ("loss",), ON)],
)
def test_the_first_named_step_is_held_against_the_steps_that_were_counted(first, names, right):
    counter = StepCounter(0)
    for _ in range(100):
        counter.complete()
        counter.rows({"loss": 1.0}, None)
    assert NamedSteps(counter, 0).place(first, names) is right


@pytest.mark.parametrize(
    ("first", "names", "right"),
    [(501, ("loss",), ON), (500, ("loss",), ON), (400, ("loss",), BACK), (400, (("eval/loss", "a"),), LATE)],
)
def test_a_resumed_run_goes_back_where_its_checkpoint_is_older_than_what_was_recorded(first, names, right):
    assert NamedSteps(StepCounter(500), 500).place(first, names) is right


def test_a_new_run_may_begin_anywhere(steps):
    assert [steps.place(step, ("loss",)) for step in (-5, -4, 3)] == [ON] * 3
