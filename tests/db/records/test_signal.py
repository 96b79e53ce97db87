"""A signal's meaning and its points."""

import numpy as np

from barograph.db import Buckets, Description, Series
from barograph.db.series.pyramid import BUCKET


def test_the_length_of_a_series_is_its_points_and_of_buckets_their_number():
    assert len(Series("loss", (), np.arange(3), np.ones(3))) == 3
    none = np.empty(2, BUCKET)
    assert len(Buckets("loss", (), **{name: none[name] for name in BUCKET.names})) == 2


def test_a_signal_without_a_description_prefers_no_direction():
    assert Description("x") == Description("x", "", "", "neither", (), (), "", "")
