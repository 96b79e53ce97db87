"""What the timeline says of an exception that ended a run."""

from barograph.collectors.recording.exception_text import LONGEST, exception_text


def test_a_secret_is_masked_also_where_the_text_is_cut():
    for length in range(LONGEST - 40, LONGEST):
        told = exception_text(RuntimeError("x" * length + " https://me:hunter2@host/"))
        assert "hunt" not in told and len(told) <= LONGEST
