"""What a reader sees of a page that a test has opened."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def spoken(test: AppTest) -> str:
    """All sentences of the page, without what makes them inert in Markdown."""
    kinds = (test.caption, test.info, test.markdown, test.error, test.warning, test.success, test.header)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def charts(test: AppTest) -> list[str]:
    """The specifications of its charts."""
    return [chart.proto.spec for chart in test.get("vega_lite_chart")]
