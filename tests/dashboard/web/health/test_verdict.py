"""The verdict in one line, on both pages."""

import pytest

from tests.dashboard import made_up_health
from tests.dashboard.web.seen import spoken

RUN, HEALTH = "pages/02_Run.py", "pages/04_Health.py"
PAGE = HEALTH


@pytest.mark.parametrize(("situation", "verdict"), [
    (made_up_health.healthy, ":green["),
    (made_up_health.growing, ":red["),
    (made_up_health.died, "It diverged"),
    (made_up_health.twenty, "20 episodes are over"),
    (made_up_health.rewarmed, ":green["),
])  # fmt: skip
def test_both_pages_give_the_verdict_in_one_line_with_its_colour(situation, verdict, app, tmp_path):
    situation(tmp_path / "runs.db")
    said = app().header[0].value
    assert verdict in said.replace("\\", "")
    assert said in [element.value for element in app(RUN).markdown]


def test_a_run_that_died_has_no_forecast_to_be_held_against(app, tmp_path):
    made_up_health.died(tmp_path / "runs.db")
    assert "% of the run the forecast was" not in spoken(app(RUN))
