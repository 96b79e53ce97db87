"""No cell of a table is run by the spreadsheet that it is opened in."""

import pytest

from barograph.spreadsheet import defused


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1", "=cmd|' /C calc'!A0", "-", "+x"]
)
def test_what_would_be_run_is_a_text(text):
    assert defused(text) == "'" + text


@pytest.mark.parametrize("text", ["", "loss", "-0.5", "+1e-3", "-inf", "nan", "a=b", "lr - 1", "'=1"])
def test_what_would_not_stays(text):
    assert defused(text) == text
