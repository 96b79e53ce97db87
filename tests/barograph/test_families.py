"""Names that differ in their numbers alone are one family."""

from barograph.families import family, largest


def test_numbers_do_not_make_a_family():
    assert family("loss_step_12") == family("loss_step_13") != family("loss")
    assert family(("norm", "3")) == "norm/*"


def test_the_largest_family_and_its_size():
    names = ["loss", *(f"loss_step_{step}" for step in range(5)), ("norm", "1"), ("norm", "2")]
    assert largest(names) == ("loss_step_*", 5) and largest([]) == ("", 0)
