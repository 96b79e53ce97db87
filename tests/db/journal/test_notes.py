"""Records as notes of a journal."""

import numpy as np

from barograph.db import Description, Plan
from barograph.db.journal.notes import description_notes, plan_note


def test_a_description_leaves_its_parts_and_puts_what_is_newer_apart():
    notes = description_notes(Description("x", "B", "Bytes", "lower", ("layer",), (("0",),), "Memory", "turn it on"))
    assert notes["describe"] == {"name": "x", "unit": "B", "sentence": "Bytes", "better": "lower", "axes": ("layer",)}
    assert notes["explain"] == {"name": "x", "title": "Memory", "remedy": "turn it on"}


def test_a_plan_has_its_knots_as_plain_numbers():
    note = plan_note(Plan(np.array([0, 100]), np.array([1e-3, 0.0]), "0", "confirmed", 4))
    assert note == {"lr_group": "0", "made_at": 4, "origin": "confirmed", "knots": [[0, 1e-3], [100, 0.0]]}
    assert [type(number) for number in note["knots"][0]] == [int, float]
