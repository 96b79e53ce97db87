"""The Scaling page: constants, answers, the hold-out check."""

from tests.dashboard import made_up_scaling
from tests.dashboard.web.seen import spoken

PAGE = "pages/07_Scaling.py"


def test_a_ladder_is_fitted_asked_and_checked(app, tmp_path):
    made_up_scaling.ladder(tmp_path / "runs.db")
    test = app()
    assert not test.exception
    constants = test.dataframe[0].value.set_index("constant")
    assert constants.loc["E", "90 % low"] < 1.8 < constants.loc["E", "90 % high"]
    told = spoken(test)
    for word in ("This point", "The best split of", "With unlimited data", "tokens per parameter", "would shrink to"):
        assert word in told
    assert "the 4 largest were predicted" in told
    trends = next(frame.value for frame in test.dataframe if "trend" in frame.value).set_index("metric")
    assert (
        trends.loc["val_loss", "trend"] == "power" and "may be extrapolated" in trends.loc["val_loss", "what it means"]
    )
    (target,) = (box for box in test.text_input if box.label == "Target loss")
    target.set_value("1.0").run()
    assert "No budget reaches it" in spoken(test)
    target = next(box for box in test.text_input if box.label == "Target loss")
    target.set_value("low").run()
    assert not test.exception and "is not a number above 0" in spoken(test)


def test_the_address_asks_questions_too(app, tmp_path):
    made_up_scaling.ladder(tmp_path / "runs.db")
    test = app(ask=["split,3e22", "target,low", "repeats"])
    assert not test.exception
    shown = spoken(test)
    assert "The best split of 3e+22 FLOPs" in shown and "'target,low' cannot be understood" in shown
    assert "needs the data-constrained law" in shown
