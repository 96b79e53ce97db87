"""What a detector is shown."""

import numpy as np

from barograph.dashboard.analysis.detectors.detector import EMPTY, Facts, News

STEPS, VALUES = np.array([3, 5]), np.array([1.0, np.nan])


def test_the_points_of_a_series_are_found_by_signal_and_part():
    news = News(5, {"loss": {(): (STEPS, VALUES)}, "grad_norm": {("layer1",): (STEPS, 2 * VALUES)}})
    assert news.of("loss")[1] is VALUES
    assert news.of("grad_norm", ("layer1",))[1][0] == 2.0


def test_a_series_without_news_is_empty():
    news = News(5, {"grad_norm": {("layer1",): (STEPS, VALUES)}})
    for points in (news.of("loss"), news.of("grad_norm"), news.of("grad_norm", ("layer2",))):
        assert points is EMPTY and len(points[0]) == len(points[1]) == 0 and points[0].dtype == np.int64


def test_a_run_that_declares_nothing_has_no_facts():
    assert vars(Facts()) == {"planned": None, "eps": None, "beta2": None, "max_norm": None}
    assert News(1).state == "running" and News(1).happenings == ()
