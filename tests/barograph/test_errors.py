"""The errors: what catches what, and that the public names load without a store."""

import subprocess
import sys

import pytest

from barograph.errors import BarographError, CannotForecast, NoSuchRun, NotRecorded, StoreError


@pytest.mark.parametrize("kind", [NoSuchRun, NotRecorded])
def test_what_a_store_lacks_is_a_store_error(kind):
    with pytest.raises(StoreError):
        raise kind("no run 'a'")


def test_a_forecast_that_cannot_be_made_is_no_store_error():
    assert not issubclass(CannotForecast, StoreError)
    assert issubclass(CannotForecast, BarographError) and issubclass(StoreError, BarographError)
    assert issubclass(BarographError, ValueError)


def test_the_errors_load_nothing_else():
    code = "import sys; from barograph import StoreError, CannotForecast; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
