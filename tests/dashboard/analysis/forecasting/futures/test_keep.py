"""The plan as it is."""

from barograph.dashboard.analysis.forecasting.future import Start, parse_future
from barograph.dashboard.analysis.forecasting.futures.keep import KIND, Keep
from tests.dashboard.analysis.forecasting.synthetic import wsd


def test_the_plan_is_kept_itself():
    plan = wsd()
    assert Keep().apply(Start(plan, 10_000)) is plan


def test_it_is_one_word_and_the_first_choice():
    assert str(Keep()) == "keep" and parse_future("keep") == Keep() == KIND.parse(())
    assert KIND.order == 0 and Keep().label == "keep the plan"
