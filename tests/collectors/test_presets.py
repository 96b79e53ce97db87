"""Every preset has a cadence for every price, and a dearer one never measures less."""

from __future__ import annotations

import pytest

from barograph.collectors.presets import PRESETS, cadences
from barograph.collectors.signal import Price


def test_every_price_has_a_cadence():
    assert all(set(cadences(preset)) == set(Price) for preset in PRESETS)
    often = [{p: 1 / n if n else 0 for p, n in cadences(preset).items()} for preset in ("light", "standard", "full")]
    assert all(a[price] <= b[price] <= c[price] for a, b, c in [often] for price in Price)


def test_an_unknown_preset_is_named():
    with pytest.raises(ValueError, match="preset 'fast': expected one of light, standard, full"):
        cadences("fast")
