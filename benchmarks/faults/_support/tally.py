"""How an attack counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Attack = Callable[[Path, bool], "Tally"]
"""`attack(folder, quick)`: tries it in an empty folder; `quick` tries fewer times."""
SHOWN = 3  # failures that are named


@dataclass
class Tally:
    """What came of the tries of one attack.

    `lost_values`: `log` returned for them, they are not there, and nothing says so. `silent_wrong`: they are shown
    otherwise than they were, and nothing says so.
    """

    tried: int = 0
    held: int = 0
    lost_values: int = 0
    silent_wrong: int = 0
    failed: list[str] = field(default_factory=list)
    not_tried: str = ""

    def count(self, held: bool, what: str = "", *, lost: int = 0, wrong: int = 0) -> None:
        """One try; `what` names it where it failed."""
        self.tried += 1
        self.lost_values += lost
        self.silent_wrong += wrong
        if held and not lost and not wrong:
            self.held += 1
        elif len(self.failed) < SHOWN:
            self.failed.append(f"{what} (lost {lost}, wrong {wrong})"[:300])

    def figures(self) -> dict[str, Any]:
        """As it is printed; what is empty is left out."""
        numbers = ("tried", "held", "lost_values", "silent_wrong")
        found: dict[str, Any] = {name: getattr(self, name) for name in numbers}
        return found | {name: value for name in ("failed", "not_tried") if (value := getattr(self, name))}


def not_here(why: str) -> Tally:
    """An attack that this machine does not allow."""
    return Tally(not_tried=why)
