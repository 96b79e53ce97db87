"""What could not be read, in a clause."""

import pytest

from barograph.db.importers._machinery.damage import Damage


@pytest.mark.parametrize(
    "noted, sentence",
    [
        ([([], 9)], ""), ([([3], 9)], "line 3 could not be read"),
        ([([3, 5], 9)], "2 lines, from line 3 on, could not be read"), ([([8, 9], 7)], "reading stopped at line 8"),
        ([([8, 9], 7), ([], 20)], "2 lines, from line 8 on, could not be read"),
        ([([2, 8], 7)], "line 2 could not be read; reading stopped at line 8"),
        ([([1], None), ([2], None)], "reading stopped at line 1"),
    ],
)  # fmt: skip
def test_the_clause_names_the_first_place(noted, sentence):
    damage = Damage()
    for unread, last_good in noted:
        damage.note(unread, last_good)
    assert str(damage) == sentence and damage.count == sum(len(unread) for unread, _ in noted)


def test_another_unit_and_a_file_are_named():
    damage = Damage("byte", "a/b.wandb")
    damage.note([4, 7], 9)
    assert str(damage) == "2 records, from byte 4 on, of a/b.wandb could not be read"
