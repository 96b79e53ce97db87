"""The Forecast page, with no forecast left from another test."""

import pytest

from barograph.dashboard.services.forecasts import shared


@pytest.fixture
def app(app):
    yield app
    shared.cache_clear()
