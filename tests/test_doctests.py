"""The examples in the docstrings of all rooms are run."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("barograph", "db", "collectors", "dashboard")
WITH_EXAMPLES = sorted(
    str(path.relative_to(ROOT)) for room in ROOMS for path in (ROOT / room).rglob("*.py") if ">>> " in path.read_text()
)


def module_of(path: str) -> str:
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return name if name.startswith("barograph") else f"barograph.{name}"


@pytest.mark.parametrize("path", WITH_EXAMPLES)
def test_the_examples_hold(path):
    found = doctest.testmod(importlib.import_module(module_of(path)))
    assert found.attempted and not found.failed
