"""What every test may use."""

import os

# Small matrices gain nothing from a second thread, and wait for it on a busy machine. Read when torch is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

# A busy machine is slow, not wrong: no example has a deadline, and none is refused for the time that it takes to make.
settings.register_profile("barograph", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("barograph")


@pytest.fixture(autouse=True)
def _own_place(tmp_path, monkeypatch):
    """No test touches a store of the user's, or follows what the caller's shell says of one."""
    for name in ("BAROGRAPH_STORE", "BAROGRAPH_NETWORK"):
        monkeypatch.delenv(name, raising=False)
