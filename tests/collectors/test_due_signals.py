"""Which signals a step measures."""

from __future__ import annotations

from barograph.collectors.due_signals import DueSignals
from barograph.collectors.signal import Price, Signal


def signal(name, **how):
    return Signal(name, lambda context: 1.0, name, name, **how)


EVERY, TENTH = signal("every", of_run=True), signal("tenth", price=Price.TREND, across="norm")
FREE, LOOK = signal("free", price=Price.RARE, free=lambda context: True), signal("look", price=Price.LOOK)


def names(due, step, main=True, seen=False):
    return {one.name: free_only for one, free_only in due.at(step, main, seen)}


def test_by_price_step_and_optimizer():
    due = DueSignals([EVERY, TENTH, FREE, LOOK], "standard", from_step=2)
    assert names(due, 3) == {"every": False, "tenth": False, "free": True}, "the first step measures all"
    assert names(due, 4) == {"every": False, "free": True} and names(due, 4, main=False) == {"free": True}
    assert names(due, 10) == {"every": False, "tenth": False, "free": True}
    assert names(due, 11, seen=True) == {"every": False, "free": True, "look": False}
    assert due.forward_due(3) and due.forward_due(10) and not due.forward_due(4)


def test_what_fails_is_off_and_other_ranks_measure_what_is_joined():
    due = DueSignals([EVERY, TENTH], "standard", from_step=0)
    assert "every" in names(due, 10)
    due.switch_off(EVERY)
    assert names(due, 10) == {"tenth": False}
    other = DueSignals([EVERY, TENTH], "standard", from_step=0)
    other.only_joined()
    assert names(other, 10) == {"tenth": False}
