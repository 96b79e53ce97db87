"""Names from outside."""

from barograph.db.exchange.names import LONGEST, plain


def test_a_name_can_be_stored_and_shown():
    assert plain(" a\nb\0c ") == "a b c" and plain("") == plain("\n") == "unnamed" and plain("\ud800") == "?"
    assert plain("损失 🔥") == "损失 🔥"


def test_a_long_name_is_cut_and_stays_unique():
    first, second = plain("x" * 300 + "1"), plain("x" * 300 + "2")
    assert len(first) <= LONGEST and first != second and first == plain("x" * 300 + "1")
    assert plain("x" * LONGEST) == "x" * LONGEST and len(plain("y" * 99, 20)) <= 20
