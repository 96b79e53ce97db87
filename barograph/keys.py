"""How one series is addressed: a signal's name, or the name together with the part of the model it was measured on."""

from __future__ import annotations

SeriesKey = str | tuple[str, ...]
"""`"loss"` for a signal without parts, `("grad_norm", "layer 3")` for a part of one."""


def series_key(signal: str, part: tuple[str, ...] = ()) -> SeriesKey:
    """The key of a signal's part.

    >>> series_key("loss"), series_key("grad_norm", ("layer 3",))
    ('loss', ('grad_norm', 'layer 3'))
    """
    return (signal, *part) if part else signal


def signal_of(key: SeriesKey) -> str:
    """The name of the signal that a key belongs to.

    >>> signal_of("loss"), signal_of(("grad_norm", "layer 3"))
    ('loss', 'grad_norm')
    """
    return key if isinstance(key, str) else key[0]


def part_of(key: SeriesKey) -> tuple[str, ...]:
    """The part of the model that a key belongs to; empty for a signal without parts.

    >>> part_of("loss"), part_of(("grad_norm", "layer 3"))
    ((), ('layer 3',))
    """
    return () if isinstance(key, str) else key[1:]


def label(key: SeriesKey) -> str:
    """A key in one line.

    >>> label("loss"), label(("grad_norm", "layer 3"))
    ('loss', 'grad_norm/layer 3')
    """
    return key if isinstance(key, str) else "/".join(key)
