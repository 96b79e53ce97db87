"""A saved view of a page."""

from barograph.db.records import SavedView


def test_two_names_of_one_address_are_two_views():
    assert SavedView("a", "Compare", "runs=1") != SavedView("b", "Compare", "runs=1")
    assert SavedView("a", "Compare", "runs=1") == SavedView("a", "Compare", "runs=1")
