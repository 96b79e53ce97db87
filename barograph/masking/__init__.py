"""One rule for secrets, at every door of the store: what is masked is never written."""

from .looks import MASK
from .rule import Masking

__all__ = ["MASK", "Masking"]
