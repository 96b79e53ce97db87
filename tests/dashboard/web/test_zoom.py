"""The range that the charts of a page share lies in the address."""

from barograph.dashboard.web import zoom
from tests.dashboard import made_up
from tests.dashboard.web.seen import charts, spoken

RUN = "pages/02_Run.py"


def test_the_range_of_the_address_is_drawn_and_can_be_left(app, tmp_path):
    made_up.finished(tmp_path / "runs.db", 200)
    test = app(RUN, **{"from": "20", "to": "150"})
    assert f"Steps 20 to 150. {zoom.HINT}" in spoken(test) and '"domain": [20.0, 150.0]' in charts(test)[0]
    next(button for button in test.button if button.label == "Whole run").click().run()
    assert "from" not in test.query_params and "All steps." in spoken(test)
    assert '"domain": [20.0, 150.0]' not in charts(test)[0]


def test_a_range_on_another_axis_is_that_of_its_steps(app, tmp_path):
    made_up.finished(tmp_path / "runs.db", 200)
    assert '"domain": [20.0, 150.0]' not in charts(app(RUN, x="tokens", **{"from": "20", "to": "150"}))[0]
