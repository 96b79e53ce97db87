"""The learning rates that a run plans, or that a user has confirmed for it."""

from __future__ import annotations

from .journal.fold import take_note
from .journal.notes import plan_note
from .reading import timeline
from .reading.database import Database
from .records import Plan


class Plans:
    """The planned learning rates of the runs of one store."""

    def __init__(self, database: Database):
        self._database = database

    def __call__(self, run: str) -> list[Plan]:
        """The run's plans, newest last."""
        with self._database.snapshot() as snapshot:
            return timeline.plans(snapshot, run)

    def save(self, run: str, plan: Plan) -> None:
        """Adds a planned learning rate to a run, e.g. one that the user has confirmed."""
        with self._database.writing() as connection:
            take_note(connection, run, plan.made_at, {"plan": plan_note(plan)})
