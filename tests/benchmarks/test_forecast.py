"""Rows of the page of back-tests."""

from benchmarks.forecast import markdown


def test_a_row_holds_the_error_beside_the_better_anchor_and_what_was_held():
    one = {"median_abs_pct": 1.234, "last_median_abs_pct": 3.0, "ratio_median_abs_pct": 2.0, "coverage90": 0.5}
    result = {"by_project": {"wmt/train": {"0.2": one, "0.9": {**one, "ratio_median_abs_pct": 4.0}, "all": one}}}
    assert markdown(result, "none") == ["| wmt/train | none | 1.23 (2.00) | 1.23 (3.00) | 50% |"]
