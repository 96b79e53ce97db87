"""Errors a user can act on, one class a situation; the message names the thing, what was expected and the remedy."""

from __future__ import annotations


class BarographError(ValueError):
    """Whatever Barograph cannot do for a reason the user can change; a command prints its message as one sentence."""


class StoreError(BarographError):
    """Something about a store or a file: missing, damaged, locked, not writable, or an argument that it cannot hold."""


class Damaged(StoreError):
    """A part of the store is not as it was written; the rest of it is."""


class NoSuchRun(StoreError):
    """The store holds no run with this id or name."""


class NotRecorded(StoreError):
    """The run exists, but it did not record the signal, axis or figure that was asked for."""


class CannotForecast(BarographError):
    """No forecast can be made from these arguments: no law of this name, no schedule, or a step outside the run."""


class InvalidInput(BarographError):
    """A value, file or table that was given cannot be used: a wrong number, a missing column, an unknown name."""
