"""What a file claims of a record, against the types that the record declares."""

import pytest

from barograph.db import Description, Event, Run
from barograph.db.exchange.checked import fitting, made


@pytest.mark.parametrize(
    "field, good, bad",
    [
        ("name", ["a", "\ud800"], [5, None, ["a"]]), ("started", [1.5, 3], [True, "1", float("nan"), 10**400]),
        ("attempt", [1, -1], [True, 1.0, 2**62, "1"]), ("ended", [None, 2.5], ["x", False]),
        ("config", [{"a": [1]}, {}], [[], "x"]), ("size", [{"total": 3}], [{"total": True}, {"total": 1.5}, 3]),
        ("steps_planned", [None, 4], [4.0]),
    ],
)  # fmt: skip
def test_a_field_is_taken_with_its_own_type_only(field, good, bad):
    for value in good:
        assert fitting(Run, {field: value, "unknown": 1}) == {field: value}
    for value in bad:
        assert fitting(Run, {field: value}) == {}


def test_lists_become_tuples_of_words():
    assert fitting(Run, {"tags": ["a", "b"]}) == {"tags": ("a", "b")}
    assert fitting(Run, {"tags": ["a", 1]}) == fitting(Run, {"tags": "ab"}) == {}


def test_a_record_needs_its_fields_and_drops_what_does_not_fit():
    assert made(Event, {"step": 3, "kind": "note", "text": 7}) == Event(3, "note")
    assert made(Event, {"kind": "note"}) is None
    assert made(Description, {"name": "x", "axes": ["layer"], "better": None}) == Description("x", axes=("layer",))
