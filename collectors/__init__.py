"""Barograph's collectors: one line in a training script, and the run is on the record."""

from .cadence import every, log_spaced
from .evaluator import evaluator
from .watch import watch

__all__ = ["evaluator", "every", "log_spaced", "watch"]
