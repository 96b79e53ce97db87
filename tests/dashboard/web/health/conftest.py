"""The Health page, whose examinations take as long as they take."""

import pytest

from barograph.dashboard.web.health import desk


@pytest.fixture
def app(app, monkeypatch):
    """Examinations take as long as they take."""
    monkeypatch.setattr(desk, "PATIENCE", (30.0, 30.0))
    return app
