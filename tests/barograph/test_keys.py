"""The key of a series is taken apart into what it was made from."""

from hypothesis import given
from hypothesis import strategies as st

from barograph.keys import part_of, series_key, signal_of


@given(st.text(), st.lists(st.text(), max_size=3).map(tuple))
def test_signal_and_part_come_back(signal, part):
    key = series_key(signal, part)
    assert (signal_of(key), part_of(key)) == (signal, part)
    assert isinstance(key, str) == (not part)
