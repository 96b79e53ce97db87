"""What a scaling law is: a plain function of a table's columns whose signature names its parameters."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from scipy.optimize import nnls

from ....plugins import members

# Over public fits (.26 to .37): the middle of the exponents, the spread of their logarithms, and that of their ratio.
EXPONENT, SPREAD, APART = 0.34, 0.2, 0.15


Columns = Mapping[str, np.ndarray]  # name -> (n,)
Curved = tuple[np.ndarray, list[np.ndarray]]  # the loss (K, n) and its derivatives by the logarithm of each parameter


@dataclass(frozen=True)
class ScalingLaw:
    """A final loss as a function of size, data and the like, with its derivatives.

    `curve(at, *parameters)` takes the columns `at` (name -> (n,)) and parameters of shape (K, 1), one row a candidate,
    and gives the loss (K, n) and its derivatives by the *logarithm* of each parameter, a list of (K, n). All parameters
    are positive, so a fit moves in their logarithms. `starts(at, loss)` gives candidates (k, p) to start from, as
    logarithms. `unseen` says which exponent cannot be seen in a table whose column has fewer than three different
    values, and which other exponent it is usually close to: parameter -> (column, twin). `usual` gives a parameter's
    usual value and the spread of its logarithm, which decide between minima that are equally good."""

    name: str
    title: str
    formula: str
    columns: tuple[str, ...]
    curve: Callable[..., Curved]
    starts: Callable[[Columns, np.ndarray], np.ndarray]
    unseen: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    usual: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    relative: bool = True  # residuals of log loss; False where the loss may be negative
    single_epoch: bool = False  # does not hold where data were repeated
    emphasis: float = 0.0  # runs count as (compute / largest compute)^emphasis

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.curve).parameters)[1:]

    def at(self, at: Columns, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The link of the loss (K, n), its logarithm unless the law is not `relative`, and its Jacobian (K, n, p)."""
        with np.errstate(all="ignore"):
            loss, slopes = self.curve(at, *np.exp(np.clip(x, -700, 700)).T[..., None])
            by = np.stack([np.broadcast_to(slope, loss.shape) for slope in slopes], axis=-1)
            return (np.asarray(np.log(loss)), by / loss[..., None]) if self.relative else (loss, by)

    def link(self, loss: np.ndarray) -> np.ndarray:
        """What is fitted: the logarithm of a loss that is above 0."""
        return np.asarray(np.log(loss) if self.relative else loss, float)

    def unlink(self, value: np.ndarray) -> np.ndarray:
        return np.asarray(np.exp(value) if self.relative else value, float)

    def __call__(self, at: Columns, **parameters: float) -> np.ndarray:
        """The loss (n,) for parameters given by name."""
        values = [np.array([[parameters[name]]]) for name in self.parameters]
        columns = {name: np.atleast_1d(np.asarray(at[name], float)) for name in self.columns}
        return np.asarray(self.curve(columns, *values)[0][0])


def projected(
    curve: Callable[..., Curved], grid: Mapping[str, tuple[float, ...]], linear: tuple[str, ...]
) -> Callable[[Columns, np.ndarray], np.ndarray]:
    """Starts by variable projection: every point of `grid` with the best non-negative `linear` parameters for it.

    A curve that is a sum of terms, each proportional to one linear parameter, has these terms as its derivatives by
    their logarithms; so with those parameters at 1 the derivatives are the columns of a linear problem.
    """
    names = tuple(inspect.signature(curve).parameters)[1:]

    def starts(at: Columns, loss: np.ndarray) -> np.ndarray:
        points = np.array(list(itertools.product(*grid.values())))
        x = np.zeros((len(points), len(names)))
        for i, name in enumerate(grid):
            x[:, names.index(name)] = np.log(points[:, i])
        slopes = curve(at, *np.exp(x).T[..., None])[1]
        where = [names.index(name) for name in linear]
        basis = np.stack([np.broadcast_to(slopes[i], (len(x), len(loss))) for i in where], axis=-1)
        scale = np.maximum(np.abs(loss), 1e-9)
        for row, columns in zip(x, basis / scale[:, None], strict=True):
            size = np.linalg.norm(columns, axis=0)
            found = nnls(columns / size, loss / scale)[0] / size
            row[where] = np.log(np.maximum(found, 1e-3 / (size / np.sqrt(len(loss)))))
        return x

    return starts


@cache
def known_laws() -> dict[str, ScalingLaw]:
    """Every scaling law by name: each file of `laws/` holds one."""
    return members(f"{__package__}.laws", ScalingLaw)
