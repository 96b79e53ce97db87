"""Asks a kind of question as the page does."""

from __future__ import annotations


def usual(kind, fitted, point):
    """The question that comes of the usual number wherever one is needed."""
    asking, answer = kind.ask(fitted, point), None
    try:
        while True:
            answer = asking.send(answer).usual
    except StopIteration as done:
        return done.value
