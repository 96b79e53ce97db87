"""What every test may use."""

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is slow, not wrong: no example has a deadline, and none is refused for the time that it takes to make.
settings.register_profile("barograph", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("barograph")


@pytest.fixture(autouse=True)
def _own_place(tmp_path, monkeypatch):
    """No test touches a store of the user's, or follows what the caller's shell says of one."""
    for name in ("BAROGRAPH_STORE", "BAROGRAPH_NETWORK"):
        monkeypatch.delenv(name, raising=False)
