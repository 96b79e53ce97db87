"""Names that differ in their numbers alone are one family."""

from barograph.families import crowds, family, largest


def test_numbers_do_not_make_a_family():
    assert family("loss_step_12") == family("loss_step_13") != family("loss")
    assert family(("norm", "3")) == "norm/*"


def test_the_largest_family_and_its_size():
    names = ["loss", *(f"loss_step_{step}" for step in range(5)), ("norm", "1"), ("norm", "2")]
    assert largest(names) == ("loss_step_*", 5) and largest([]) == ("", 0)


def test_a_family_is_a_crowd_from_a_thousand_and_one_members_on():
    names = [f"loss_step_{step}" for step in range(1001)]
    assert crowds(names) == {"loss_step_*": 1001} and crowds(names[1:]) == {}
