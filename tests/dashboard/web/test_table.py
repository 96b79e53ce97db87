"""Tables on pages: what a reader downloads of them is not run by a spreadsheet."""

from streamlit.testing.v1 import AppTest


def page():
    import pandas as pd

    from barograph.dashboard.web.table import dataframe

    dataframe(pd.DataFrame({"run": ["=HYPERLINK(1)", "a"], "loss": [-1.0, 2.0]}), hide_index=True)
    dataframe([{"a": 1}])


def test_names_of_runs_are_texts():
    first, second = AppTest.from_function(page).run(timeout=60).dataframe
    assert first.value["run"].tolist() == ["'=HYPERLINK(1)", "a"] and first.value["loss"].tolist() == [-1.0, 2.0]
    assert second.value["a"].tolist() == [1]
