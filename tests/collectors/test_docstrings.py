"""The examples in the docstrings are run."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["cadence", "domains", "drift", "layout", "logged", "plan", "provenance"])
def test_examples(name):
    found = doctest.testmod(importlib.import_module(f"collectors.{name}"))
    assert found.attempted > 0 and found.failed == 0
