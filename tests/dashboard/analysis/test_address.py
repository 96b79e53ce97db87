"""Choices that stand in an address: written and read back, or refused in a sentence."""

from dataclasses import dataclass

import pytest

from barograph.dashboard.analysis.address import Addressed, known_kinds, parse_address
from barograph.dashboard.analysis.forecasting import future
from barograph.dashboard.analysis.forecasting.future import FutureKind
from barograph.errors import CannotForecast


@dataclass(frozen=True)
class Wait(Addressed):
    word = "wait"
    steps: int

    def arguments(self):
        return (str(self.steps),)

    @property
    def label(self):
        return f"wait {self.steps} steps"


@dataclass(frozen=True)
class WaitKind:
    order: int = 0

    def parse(self, arguments):
        return Wait(int(arguments[0]))


KINDS = {"wait": WaitKind()}


def test_what_is_written_is_read_back():
    assert str(Wait(12)) == "wait,12"
    assert parse_address("wait,12", KINDS, "pause") == Wait(12)


@pytest.mark.parametrize(("text", "said"), [
    ("hurry,1", "unknown pause 'hurry'; expected one of wait"),
    ("wait", "the pause 'wait' cannot be understood"),
    ("wait,long", "the pause 'wait,long' cannot be understood: invalid literal"),
    ("", "unknown pause ''"),
    ("x" * 500, "unknown pause '" + "x" * 60 + "';"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_by_its_name(text, said):
    with pytest.raises(CannotForecast, match=said.replace("'", ".").replace(";", ".")):
        parse_address(text, KINDS, "pause")


def test_kinds_come_in_the_order_in_which_they_are_offered():
    kinds = known_kinds(f"{future.__package__}.futures", FutureKind)
    assert [kind.order for kind in kinds.values()] == sorted(kind.order for kind in kinds.values())
    assert all(kind.name == word for word, kind in kinds.items())
