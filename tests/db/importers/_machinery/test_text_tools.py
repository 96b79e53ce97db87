"""What the console logs of well-known trainers mean."""

import pytest

from barograph.db.importers._machinery.text_tools import number


@pytest.mark.parametrize(
    "value, found",
    [
        ("1,024", 1024.0), ("8 * 1024", 8192.0), ("5e-4", 5e-4), (3, 3.0), ("1_000", 1000.0), (True, None),
        ("x", None), ("inf", None), (None, None), ("1 2", None), (float("nan"), None),
    ],
)  # fmt: skip
def test_a_number_of_a_config(value, found):
    assert number(value) == found
