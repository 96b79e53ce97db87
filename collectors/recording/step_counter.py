"""Which step a log belongs to, and the mean of what one step has logged.

Loops log before `step()` or after it. A name logged before the first step belongs to the step to come, for good; a
name first logged after a step belongs to the step just done (or to where `loss` belongs, when that is known). A loop
that accumulates and logs the last part only after `step()` therefore shifts that part by one step. Where there is no
optimizer, a step ends when a name comes again.
"""

from __future__ import annotations

from typing import Any

Means = dict[str, tuple[int, Any, Any]]  # name -> its last step, weighted sum of its values there, sum of weights


class StepCounter:
    """Counts optimizer steps and keeps, for each name, the token-weighted mean of its current step."""

    def __init__(self, from_step: int, tokens: Any = None):
        self.done = from_step  # the last completed step
        self.completed = 0  # steps that have ended since the watch began
        self.tokens = tokens  # sum over all steps so far; None: never logged
        self._ahead: dict[str, int] = {}  # 1: belongs to the step to come, 0: to the step just done
        self._beside: dict[int, int] = {}
        self._means: Means = {}
        self._late_means: Means = {}

    def complete(self) -> int:
        """An optimizer step has ended; returns its number."""
        self.done += 1
        self.completed += 1
        return self.done

    def step_of(self, name: str) -> int:
        """The step that a thing called `name` belongs to, decided when the name is first seen."""
        ahead = self._ahead.get(name)
        if ahead is None:
            ahead = self._ahead[name] = self._decide()
        return self.done + ahead

    def _decide(self) -> int:
        if not self.completed:
            return 1
        if "loss" in self._ahead:
            return self._ahead["loss"]
        return 0 if self.completed == 1 else max(self._ahead.values(), default=0)

    def step_beside(self, optimizer: int) -> int:
        """The step that a step of another optimizer belongs to: decided by whether it comes before the first one's."""
        return self.done + self._beside.setdefault(optimizer, 0 if self.completed else 1)

    def next_log(self, names: tuple[str, ...]) -> None:
        """Without an optimizer: a log begins the next step where this one has seen one of its names already."""
        if any(self._means.get(name, (None,))[0] == self.done for name in names) or not self.completed:
            self.complete()
            if self.completed == 1 or not self._ahead.keys() >= set(names):
                self._ahead = dict.fromkeys((*self._ahead, *names), 0)

    def count_logs(self) -> None:
        """Logs end the steps from here on; those since the last step are to be logged once more."""
        ahead = max(self._ahead.values(), default=0)
        self.done, self.completed = self.done + ahead, self.completed + ahead
        self._ahead = dict.fromkeys(self._ahead, 0)
        self._means.clear()

    def logged_at(self, name: str) -> int | None:
        """The last step that a name was logged at, late values left out."""
        return self._means[name][0] if name in self._means else None

    def reach(self, step: int, name: str, anew: bool) -> None:
        """The loop names the step of `name`; the count goes on from it if `anew`, else unless it is further already."""
        at = step - (self.step_of(name) - self.done)
        self.done = at if anew else max(at, self.done)

    def go_back(self, step: int) -> None:
        """Training goes on from before `step` once more: tokens are counted as they were there."""
        self._means.clear()
        if self.tokens is not None and self.done > 0:
            self.tokens = self.tokens * (max(step - 1, 0) / self.done)

    def named_row(self, step: int, values: dict[str, Any], weight: Any, late: bool) -> dict[int, dict[str, Any]]:
        """One log's values at the step that the loop names, joined with what that step has logged before."""
        means = self._late_means if late else self._means
        return {step: {name: self.mean(name, step, value, weight, means) for name, value in values.items()}}

    def rows(self, values: dict[str, Any], weight: Any) -> dict[int, dict[str, Any]]:
        """One log's values by the step that each belongs to, joined with what that step has logged before."""
        ahead, means = self._ahead, self._means
        rows: dict[int, dict[str, Any]] = {}
        for name, value in values.items():
            at = self.done + ahead[name] if name in ahead else self.step_of(name)
            before = means.get(name)
            if before is None or before[0] != at:
                means[name] = at, value if weight is None else value * weight, weight
            else:
                value = self.mean(name, at, value, weight)
            if at in rows:
                rows[at][name] = value
            else:
                rows[at] = {name: value}
        return rows

    def mean(self, name: str, step: int, value: Any, weight: Any, means: Means | None = None) -> Any:
        """The mean of what this step has logged under `name` so far; exactly `value` for the first."""
        means = self._means if means is None else means
        before = means.get(name)
        if before is None or before[0] != step:
            means[name] = step, value * weight if weight is not None else value, weight
            return value
        weight = 1 if weight is None else weight
        total = before[1] + value * weight
        weights = (1 if before[2] is None else before[2]) + weight
        means[name] = step, total, weights
        return total / weights

    def add_tokens(self, tokens: Any) -> Any:
        """Adds to the sum of tokens and returns it."""
        self.tokens = tokens if self.tokens is None else self.tokens + tokens
        return self.tokens
