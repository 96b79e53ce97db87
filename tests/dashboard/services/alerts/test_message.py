"""What an alert says, and of which episodes."""

from barograph.dashboard.analysis.detectors.episodes import episodes
from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.dashboard.services.alerts.message import message, new_episodes
from barograph.dashboard.services.health import Health
from barograph.db import Run
from tests.dashboard.services.alerts.samples import spike


def test_only_what_is_grave_enough_and_not_judged():
    findings = [
        spike(100, 1),
        spike(600, judgement="acknowledged"),
        spike(1100, kind="non_finite", judgement="silenced"),
    ]
    findings += [spike(1600, kind="non_finite"), spike(2100), spike(2600, 0)]
    health = Health(Run("a", "a"), tuple(findings), tuple(episodes(findings)), "", (), 3000)
    assert [episode.first for episode in new_episodes(health, Severity.ACT)] == [2100], "the silenced kind stays silent"
    assert [episode.first for episode in new_episodes(health, Severity.WATCH)] == [100, 2100]


def test_a_hostile_name_is_one_short_line():
    run = Run("a b", "a\nb\tc <b>" + "x" * 10_000, steps_planned=5000)
    (episode,) = episodes([spike(1500)])
    title, body = message(run, episode, 1, "http://h")
    assert title.startswith("Barograph: loss spike in a b c <b>xxx") and len(title) < 150 and "\n" not in title
    assert "step 1,500 of 5,000." in body and "1 more episode in this run." in body and body.endswith("/Run?run=a%20b")
