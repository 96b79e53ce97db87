"""The Scaling page: constants, answers, the hold-out check, and sentences where there is nothing to fit."""

import pytest

from tests.dashboard import made_up, made_up_forecast, made_up_scaling
from tests.dashboard.web.seen import spoken

PAGE = "pages/07_Scaling.py"


@pytest.mark.parametrize("situation", made_up.SITUATIONS, ids=lambda f: f.__name__)
def test_the_page_survives_every_store_and_says_something(situation, app, tmp_path):
    situation(tmp_path / "runs.db")
    test = app()
    assert not test.exception
    assert spoken(test)


def test_one_run_is_too_few(app, tmp_path):
    made_up_forecast.finished(tmp_path / "runs.db")
    assert "1 usable run: the Chinchilla law has 5 constants" in spoken(app())


def test_a_ladder_is_fitted_asked_and_checked(app, tmp_path):
    made_up_scaling.ladder(tmp_path / "runs.db")
    test = app()
    assert not test.exception
    constants = test.dataframe[0].value.set_index("constant")
    assert constants.loc["E", "90 % from"] < 1.8 < constants.loc["E", "90 % to"]
    told = spoken(test)
    for word in ("This point", "The best split of", "With endless data", "tokens per parameter", "would shrink to"):
        assert word in told
    assert "the 4 largest were predicted" in told
    (target,) = (box for box in test.text_input if box.label == "Target loss")
    target.set_value("1.0").run()
    assert "No budget reaches it" in spoken(test)
    target = next(box for box in test.text_input if box.label == "Target loss")
    target.set_value("low").run()
    assert not test.exception and "is not a number above 0" in spoken(test)


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


def test_a_law_without_its_columns_says_which_and_the_joint_law_takes_the_curves(app, tmp_path):
    made_up_scaling.ladder(tmp_path / "runs.db")
    assert "missing: width" in spoken(app(law="width"))
    joint = app(law="joint")
    assert not joint.exception and "Under the schedule of the largest run" in spoken(joint)
    assert "Their batch sizes differ" in spoken(joint)
    assert {"E", "alpha"} <= set(joint.dataframe[0].value["constant"])
