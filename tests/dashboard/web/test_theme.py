"""States and severities have a colour and a sign each."""

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from barograph.dashboard.charts._support import colors as colours
from barograph.dashboard.services.comparison.picture import COLORS
from barograph.dashboard.web import theme
from barograph.db.records import STATES


def test_every_state_and_tone_has_a_colour_and_a_sign():
    assert theme.STATES.keys() == theme.STATE_ICONS.keys() == set(STATES)
    assert theme.TONES.keys() == theme.TONE_ICONS.keys() == {"act", "watch", "note", "expected", ""}


def test_a_text_is_coloured_by_its_tone():
    assert theme.colored("act", "**gone**") == ":red[:material/error: **gone**]"


DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)  # Machado, Oliveira & Fernandes, 2009, doi:10.1109/TVCG.2009.113, severity 1
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(text: str) -> np.ndarray:
    """A colour #rrggbb in linear sRGB."""
    value = np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(color: np.ndarray) -> np.ndarray:
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ color / [0.9505, 1, 1.089], 1e-6))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_lines_stand_out_and_can_be_told_apart_without_red_and_green(mode):
    """Contrast to the page as in WCAG 2.2, at least 4.5; distance in CIELAB as a deuteranope sees them, at least 20."""
    config = tomllib.loads((Path(theme.__file__).parent / ".streamlit" / "config.toml").read_text())["theme"][mode]
    page = float(TO_XYZ[1] @ linear(config["backgroundColor"]))
    colors = [linear(config[f"{name}Color"]) for name in colours.SERIES]
    for color in colors:
        darker, lighter = sorted((page, float(TO_XYZ[1] @ color)))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5
    seen = [lab(np.clip(DEUTERANOPIA @ color, 0, 1)) for color in colors]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= 20
    assert sorted(config["chartCategoricalColors"]) == sorted(config[f"{name}Color"] for name in colours.SERIES)


def test_a_file_has_the_colours_of_the_light_theme():
    config = tomllib.loads((Path(theme.__file__).parent / ".streamlit" / "config.toml").read_text())["theme"]["light"]
    assert {name: config[f"{name}Color"] for name in colours.SERIES} == COLORS
