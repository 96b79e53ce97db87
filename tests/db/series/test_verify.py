"""Points, roll-ups and summaries are held against each other, with and without checksums."""

import pytest

from tests.db.series.damage import change, flip

FORGET = ("UPDATE tiles SET checksum = NULL", "UPDATE series SET checksum = NULL")  # as an older version wrote them


def test_each_damage_is_named_by_its_place(store):
    flip(store, 1, 0, 1)
    flip(store, 1, 2, 0)
    change(store, "DELETE FROM tiles WHERE level = 3")
    change(store, "UPDATE series SET last_value = 1.5")
    assert store.check() == [
        "run r: loss: its row in `series` is damaged",
        "run r: loss: 4,096 points of steps 8191 to 16383 are damaged",
        "run r: loss: the roll-up of level 2 of the points 0 to 16,383 is damaged",
        "run r: loss: the roll-up of level 3 of the points 0 to 16,383 is damaged",
    ]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE series SET n = 19999", "it should have 19,999 points and has 20,000"),
        ("UPDATE series SET last_value = 1.5", "its row in `series` does not agree with its points"),
        ("UPDATE series SET bad = 1", "its row in `series` does not agree with its points"),
        ("UPDATE series SET low = NULL", "its row in `series` does not agree with its points"),
        ("UPDATE tiles SET high = 2 WHERE level = 0 AND tile = 4", "32768 to 39998 do not agree with their extremes"),
        ("UPDATE tiles SET last_step = 7 WHERE level = 0 AND tile = 4", "steps 32768 to 7 are out of order"),
        ("UPDATE tiles SET first_step = 4 WHERE level = 0 AND tile = 1", "steps 4 to 16382 are out of order"),
        ("DELETE FROM tiles WHERE level = 0 AND tile = 4", "3,616 points of steps 32767 to 39998 are damaged"),
    ],
)
def test_what_disagrees_is_noticed_without_checksums(store, damage, said):
    for statement in FORGET:
        change(store, statement)
    assert store.check() == []
    change(store, damage)
    assert any(said in sentence for sentence in store.check())


@pytest.mark.parametrize("level", [0, 1, 2, 3, 4])
def test_a_changed_bit_makes_levels_disagree_without_checksums(store, level):
    for statement in FORGET:
        change(store, statement)
    flip(store, 1, level, 0, byte=30, bit=6)
    (*_, found) = store.check()
    assert "run r: loss: the" in found and "agree" in found
