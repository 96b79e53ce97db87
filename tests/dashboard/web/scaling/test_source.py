"""Which runs a scaling law is fitted to."""

from tests.dashboard import made_up_forecast, made_up_scaling
from tests.dashboard.web.seen import spoken

PAGE = "pages/07_Scaling.py"


def test_one_run_is_too_few(app, tmp_path):
    made_up_forecast.finished(tmp_path / "runs.db")
    assert "1 usable run: the Chinchilla law has 5 constants" in spoken(app())


def test_setups_are_not_mixed_unless_told(app, tmp_path):
    made_up_scaling.ladder(tmp_path / "runs.db")
    made_up_scaling.ladder(tmp_path / "runs.db", "other", {"data": {"dataset": "pile"}}, end=0.8)
    test = app()
    (setups,) = (box for box in test.multiselect if box.label == "Setup")
    assert len(setups.options) == 2 and len(setups.value) == 1
    setups.set_value(["ladder · validation loss", "other · validation loss · data.dataset=pile"]).run()
    assert "2 setups" in spoken(test) and "Ended above half of the peak learning rate" in spoken(test)
    test.toggle[0].set_value(True).run()
    assert "40 runs" in spoken(test)
