"""The integrations and their drivers, found by being there: a driver trains a small real model and says what happened.

`train(folder, store, *, steps, until, accumulate, resume, watched, fail_at, name)` returns, as the framework has it:
losses, rates, val {step: value}; model, optimizer; what training `raised`; `clean`, whether nothing is left hanging on
the framework's objects; a part of the `config`; the `bridge`.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from barograph.db import Store

DRIVERS = Path(__file__).parent / "drivers"
FRAMEWORK = {"huggingface": "transformers"}  # where the file's name is not the library's
OWN = ("summary_writer",)  # needs none


@pytest.fixture(scope="session")
def driver(request):
    """The driver of the integration `request.param`."""
    name = request.param
    if name not in OWN:
        pytest.importorskip(FRAMEWORK.get(name, name), reason=f"{name} is not installed")
    spec = importlib.util.spec_from_file_location(f"driver_of_{name}", DRIVERS / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def recorded():
    """recorded(path, name) -> (store, run, values): `values(signal, part)` is {step: value} of the surviving line."""
    opened = []

    def read(path, name="conformance"):
        store = Store(path, create=False)
        opened.append(store)
        run = store.run(name)

        def values(signal, part=()):
            series = store.series(run.id, signal, part)
            return dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))

        return store, run, values

    yield read
    for store in opened:
        store.close()
