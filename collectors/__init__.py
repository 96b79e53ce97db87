"""Barograph's collectors: one line in a training script, and the run is on the record."""

from .watch import watch

__all__ = ["watch"]
