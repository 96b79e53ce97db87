"""The picture of an alert: a PNG of the loss about an episode, or none."""

import numpy as np

from barograph.dashboard.services.alerts.picture import png
from barograph.db import Run, Store


def test_a_picture_of_the_loss_about_an_episode(store):
    assert png(store, "r-1", 1500, 1510).startswith(b"\x89PNG")
    assert png(store, "r-1", 0, 10**6).startswith(b"\x89PNG"), "an episode beyond the record"


def test_without_losses_there_is_none(tmp_path):
    store = Store(tmp_path / "other.db")
    store.append(Run("a", "a"), {"grad_norm": (np.arange(5), np.ones(5))})
    assert png(store, "a", 0, 4) is None


def test_losses_that_are_not_finite_are_drawn_too(tmp_path):
    store = Store(tmp_path / "other.db")
    store.append(Run("a", "a"), {"loss": (np.arange(50), np.r_[np.ones(40), np.full(10, np.nan)])})
    assert png(store, "a", 40, 49).startswith(b"\x89PNG")
