"""States and severities have a colour and a sign each."""

from barograph.dashboard.web import theme
from barograph.db.records import STATES


def test_every_state_and_tone_has_a_colour_and_a_sign():
    assert theme.STATES.keys() == theme.STATE_ICONS.keys() == set(STATES)
    assert theme.TONES.keys() == theme.TONE_ICONS.keys() == {"act", "watch", "note", "expected", ""}


def test_a_text_is_coloured_by_its_tone():
    assert theme.colored("act", "**gone**") == ":red[:material/error: **gone**]"
