"""Barograph's collectors: one line in a training script, and the run is on the record."""

if __name__ == "collectors":
    raise ImportError("`collectors` is a part of barograph since 0.2: write `from barograph import watch`")


from .evaluation.cadence import every, log_spaced
from .evaluation.evaluator import evaluator
from .watch import watch

__all__ = ["evaluator", "every", "log_spaced", "watch"]
