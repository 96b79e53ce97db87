"""One rule for secrets, at every door of the store: what is masked is never written."""

from .rule import MASK, Masking

__all__ = ["MASK", "Masking"]
