"""A comparison as one HTML page, with hostile names."""

from barograph.dashboard.services.comparison.html_report import html_report
from barograph.dashboard.services.comparison.tables import table
from tests.dashboard.services.comparison.drawn import drawn_comparison


def test_hostile_names_are_inert_in_a_file(tmp_path):
    found, spec, data = drawn_comparison(tmp_path / "runs.db")
    page = html_report("<script>alert(2)</script>", spec, data, {"<b>": table(found)}, ["<i>"])
    assert "<script>alert" not in page and "&lt;script&gt;alert(2)" in page and "<b>" not in page
    assert "<i>" not in page and "window.vegaEmbed(" in page
    head, _, rest = page.partition("window.vegaEmbed(")
    drawn = rest.partition("</script>")[0]
    assert "<" not in drawn and r"\u003cscript\u003e" in drawn, "names are data of the script, not part of it"
