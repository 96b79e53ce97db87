"""A matrix of rank 1: its largest singular value is its norm."""

from __future__ import annotations

import pytest

from barograph.collectors.signals import spectra
from tests.collectors.one_step import context, values


def test_a_matrix_of_rank_one():
    step = context()
    assert values(spectra.largest(step)) == pytest.approx({"a.weight": 5})
    assert values(spectra.effective_rank(step)) == pytest.approx({"a.weight": 1})
    assert values(spectra.unconverged(step)) == pytest.approx({"a.weight": 0}, abs=1e-5)
