"""The measure that is optimised still rises while the one that is meant falls: over-optimisation."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from ...statistics.turning_point import LEAST_AFTER, Turn, slope_bounds, turning_point
from .._support.downsampled import Downsampled
from .._support.fault import Fault
from ..detector import Detector, Facts, News, Points
from ..severity import Severity

PAIRS = (  # (what is optimised, what is meant), higher is better
    ("proxy_reward", "gold_reward"),
    ("proxy_score", "gold_score"),
    ("proxy", "gold"),
    ("reward", "gold_reward"),
    ("reward", "gold"),
)
FEWEST = 10  # evaluations
HUGE = 1e30
ADVICE = (
    "Take the checkpoint at the turning point; strengthen the penalty for leaving the reference model (KL), constrain "
    "the components of the reward, or train the reward model on samples of this policy."
)


class Watch:
    """The turning point of the gold measure, reported once it has surely turned and the proxy surely has not.

    Why: past some point a higher proxy is bought with a lower gold measure, and the proxy's own curve does not show it.
    The turning point and its interval are fitted (`statistics.turning_point`) to between 32 and 64 means of the gold
    measure so far. Reported where, behind the interval, the slope of gold is surely below 0 and that of the proxy
    surely above, for noise with the memory that is left when the fit is taken off. Record the two as
    `run.log(proxy_reward=..., gold_reward=...)`, at the same steps or not. Source: Moskovitz et al. 2023.
    """

    def __init__(self, facts: Facts) -> None:
        self.pairs = [ProxyPair(*pair) for pair in PAIRS]

    def see(self, news: News) -> list[Finding]:
        return [finding for pair in self.pairs for finding in pair.see(news)]


class ProxyPair:
    """One proxy and what it stands for."""

    def __init__(self, proxy: str, gold: str) -> None:
        self.names = proxy, gold
        self.proxy, self.gold = Downsampled(64), Downsampled(64)
        self.fault = Fault()

    def see(self, news: News) -> list[Finding]:
        (steps, values), gold = (_finite(news.of(name)) for name in self.names)
        done = 0
        for step in self.gold.feed(*gold):
            end = int(np.searchsorted(steps, step, side="right"))
            self.proxy.add(steps[done:end], values[done:end])
            done = max(done, end)
            if len(self.gold) >= FEWEST and len(self.proxy) >= LEAST_AFTER:
                self._decide(step)
        self.proxy.add(steps[done:], values[done:])
        return self.fault.changes()

    def _decide(self, step: int) -> None:
        turn = turning_point(self.gold.steps, self.gold.values) if _is_down(self.gold.values) else None
        gold, proxy = (self._slope(measure, turn) for measure in (self.gold, self.proxy))
        if turn is not None and gold[1] < 0 and proxy[0] > 0:
            self.fault.report(self._finding(turn, step))
        if turn is None or gold[0] + gold[1] > 0:
            self.fault.close()

    def _slope(self, measure: Downsampled, turn: Turn | None) -> tuple[float, float]:
        """Least and highest slope behind the turning point."""
        return slope_bounds(measure.steps, measure.values, turn.at.high, turn.memory) if turn else (-np.inf, np.inf)

    def _finding(self, turn: Turn, step: int) -> Finding:
        (proxy, gold), at = self.names, turn.at
        text = (
            f"{gold} has fallen since step {at.mid:,.0f} (90 % interval {at.span('{:,.0f}'.format)}) while "
            f"{proxy} still rises: from there on the proxy is over-optimised."
        )
        evidence = {"turn": at.mid, "turn_low": at.low, "turn_high": at.high}
        return Finding("proxy_gold", "/".join(self.names), step, step, step, Severity.ACT, text, ADVICE, evidence, 0.9)


def _is_down(values: np.ndarray) -> bool:
    """Whether the last quarter lies below an earlier one by two standard errors: else there is no turn to look for."""
    quarters = [quarter.mean() for quarter in np.array_split(values, 4)]
    noise = np.diff(values).std() / 2**0.5
    return bool(max(quarters) - quarters[-1] > 2 * noise * (8 / len(values)) ** 0.5)


def _finite(points: Points) -> Points:
    keep = np.abs(points[1]) < HUGE
    return points[0][keep], points[1][keep]


detector = Detector(
    "proxy_gold",
    "The proxy that is optimised still rises while the gold measure falls.",
    tuple(dict.fromkeys(name for pair in PAIRS for name in pair)),
    Watch,
    needs=FEWEST,
)
