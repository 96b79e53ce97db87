"""Runs are examined in the background."""

from barograph.dashboard.web.health import desk
from tests.dashboard import made_up_health
from tests.dashboard.web.seen import charts

RUN, HEALTH = "pages/02_Run.py", "pages/04_Health.py"
PAGE = HEALTH


def test_the_maps_to_begin_with_wait_for_the_first_look(app, tmp_path, monkeypatch):
    """Chosen before, they would stay those of a run in which nothing was found."""
    made_up_health.element(tmp_path / "runs.db")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(desk, "health", lambda run: None)
        test = app()
        assert not [group for group in test.get("button_group") if group.label == "Heat maps"] and charts(test)
    (pills,) = [group for group in test.run().get("button_group") if group.label == "Heat maps"]
    assert list(pills.value) == ["grad_spike_max"]
