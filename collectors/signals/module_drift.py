"""How far each module has moved since its task began, and in single steps: which ones a new task takes apart.

Estimated from up to 256 coordinates a tensor (`quantities/module_drift.py`).
"""

from __future__ import annotations

from ..measurement import Measured
from ..quantities.module_drift import ModuleDrift
from ..signal import Price, Signal
from ..step_context import StepContext

REMEDY = 'pass model and optimizer to watch, with preset="full"'


def since_task_began(context: StepContext) -> Measured:
    """mean |w_t - w_b| / mean |w_b| [modules], b the step at which the task (without tasks: the watch) began.

    Relative to the weights, so that it ranks modules otherwise than `module_change`. Source: Guo et al. 2024.
    """
    drift = context.state(ModuleDrift)
    values = drift.since(context)
    return drift.modules, values


def per_step(context: StepContext) -> Measured:
    """(1 / |w|) sum |w_t - w_s| / (t - s) [modules], s the step of the last measurement, |w| the number of elements.

    Its level after a change of task against the usual one ranks the modules that are specific to tasks: norms and heads
    often, and fine-tuning these alone mends much of the forgetting. Source: Zhao et al. 2023.
    """
    drift = context.state(ModuleDrift)
    values = drift.per_step(context)
    return None if values is None else (drift.modules, values)


def lowest_to_highest(context: StepContext) -> Measured:
    """Mean `module_drift` of the lowest five layers over that of the highest five, 0-d; fewer where there are not ten.

    The mark of a stability gap in continued pre-training: above 1.35 while the accuracy of a new domain falls, lower
    when it recovers. Source: Guo et al. 2024.
    """
    return context.state(ModuleDrift).bottom_to_top(context)


module_drift = Signal(
    "module_drift", since_task_began, "Change of each module since its task began, relative to its weights",
    title="Change by module since the task began", axes=("module",), price=Price.DEEP, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
module_change = Signal(
    "module_change", per_step, "Mean absolute change of a weight in a step, by module",
    title="Change of a weight in a step by module", axes=("module",), price=Price.DEEP, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
bottom_to_top = Signal(
    "bottom_to_top", lowest_to_highest, "Relative change since the task began, lowest layers over highest",
    title="Change of the lowest layers over the highest", price=Price.DEEP, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
