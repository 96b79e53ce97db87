"""What every test may use."""

import pytest


@pytest.fixture(autouse=True)
def _own_place(tmp_path, monkeypatch):
    """No test touches a store of the user's, or follows what the caller's shell says of one."""
    for name in ("BAROGRAPH_STORE", "BAROGRAPH_NETWORK"):
        monkeypatch.delenv(name, raising=False)
