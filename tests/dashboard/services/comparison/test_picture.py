"""A chart as a file has its data and its colours inside."""

import pandas as pd

from barograph.dashboard.services.comparison.picture import complete, picture
from tests.dashboard.services.comparison.drawn import drawn_comparison


def test_a_chart_becomes_a_picture(tmp_path):
    _, spec, data = drawn_comparison(tmp_path / "runs.db")
    assert picture(spec, data, "png").startswith(b"\x89PNG")
    assert picture(spec, data, "svg").startswith(b"<svg")
    colors = complete(spec, {"curves": pd.DataFrame({"part": ["blue"]})})
    assert colors["datasets"]["curves"] == [{"part": "blue"}] and '"blue"' not in str(colors["vconcat"])
