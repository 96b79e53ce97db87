"""Scaling laws across runs: what a larger model, more data or another batch would give. Needs numpy and scipy only.

from barograph.dashboard.analysis.scaling import fit, hold_out, read_table

table = read_table(open("runs.csv").read())         # params, tokens, loss[, unique_tokens, group, ...]
fitted = fit("chinchilla", table)                   # of all rows (robust=True: no outliers); refuses to mix setups
fitted.values, fitted.intervals(), fitted.notes     # constants, their 90 % intervals, sentences to print
fitted.predict({"params": 7e9, "tokens": 1.4e11})   # a Band: mid, low, high
fit_joint(runs).predict(schedule, 7e9, steps)       # from whole curves under different schedules
hold_out("chinchilla", table)                       # fitted without the largest runs: how far was it off?
"""

from .fit import Fitted, fit
from .holdout import HeldOut, hold_out
from .joint import Joint, fit_joint
from .law import ScalingLaw, known_laws
from .table import ScalingTable, read_table

__all__ = [
    "Fitted",
    "HeldOut",
    "Joint",
    "ScalingLaw",
    "ScalingTable",
    "fit",
    "fit_joint",
    "hold_out",
    "known_laws",
    "read_table",
]
