"""Names that mean something have their words in one table; any other gets a title from its name."""

import pytest

from barograph.known_series import FAMILIES, SERIES, known


@pytest.mark.parametrize("name", SERIES)
def test_a_known_series_has_a_title_and_a_remedy(name):
    found = known(name)
    assert found.title and found.remedy and found.better in ("lower", "higher", "neither")


@pytest.mark.parametrize("name", FAMILIES)
def test_the_longest_beginning_of_a_name_decides(name):
    assert known(f"{name}_x").remedy == FAMILIES[name]


def test_an_unknown_name_is_titled_and_logged_by_itself():
    assert known("my_metric").title == "My metric" and "run.log(my_metric=...)" in known("my_metric").remedy
