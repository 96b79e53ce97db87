"""The forecast of a run: laws fitted to what it has shown, under a prior from earlier runs, as intervals that hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from ....errors import CannotForecast
from ....interval import Interval
from .blend import FITS, HALF, LITTLE, TOO_WIDE, LogEnd, Tilt, joined, unknown
from .fit import Gaussian, Posterior, fit
from .law import known_laws
from .observe import Observed
from .population import CHECK, WEIGHTS, Library, missed, shipped, unit_of
from .prior import Finished, Setup, prior
from .schedule import Schedule
from .shapes import Course, expected_gain, looks_like
from .small_models import small_models
from .verdict import AFTER_SHIFT, FEWEST, Verdict, diverged, last_shift, rewarming

STRANGE = (
    1.0,
    3.0,
    10.0,
)  # how many times a run may depart more from the laws than usual; what explains it best is taken
REWARMED = 3  # times as wide: what a rise of the learning rate after a decay does is described less well
WEAKEST = 1.2  # times the calibrated 90 % interval, so that it holds in the weakest part of a back-test as well
LOWEST = 1e-3  # of the usual level: no loss is expected below it
WIDEST = 20.0  # of log loss: wider says no more, and overflows
GO_ON = 1.2  # of an ended run's steps: how far its doubt reaches were it to go on
CONTRADICTED = 10.0  # log evidence by which the past must be likelier without earlier runs for them to be left out
REPEATS = "; the run repeats its data, which the laws do not know"
KNOWN_STEPS = (3_600, 116_000)  # lengths of the runs behind the population
KNOWN_RANGE = np.log(4.0)  # a run this much smaller, larger, slower or faster than all known ones is unlike them


@dataclass(frozen=True)
class Fan:
    """Losses at `steps`: the middle and the 50 % and 90 % intervals of the expected loss, each an array (m,)."""

    steps: np.ndarray
    mid: np.ndarray
    low50: np.ndarray
    high50: np.ndarray
    low90: np.ndarray
    high90: np.ndarray


@dataclass(frozen=True, eq=False)
class Forecast:
    """The loss expected at `for_step`, as said at step `at`. Numbers are None where the verdict is a refusal."""

    at: int
    for_step: int
    verdict: Verdict
    evidence: str = ""
    law: str = ""
    mid: float | None = None
    low50: float | None = None
    high50: float | None = None
    low90: float | None = None
    high90: float | None = None
    unit: float = 1.0  # what the losses were divided by for the fit; parameters are in this unit
    spikes: tuple[int, ...] = ()
    parameters: Mapping[str, Interval] = field(default_factory=dict)
    fits: tuple[tuple[Posterior, Observed], ...] = field(default=(), repr=False)
    library: Library | None = field(default=None, repr=False)
    tilt: Tilt | None = None  # where finished runs or doubt speak beside the laws

    def curve(self, steps: ArrayLike, schedule: Schedule | None = None) -> Fan:
        """The fan at `steps`, through the past or into the future; with another `schedule`, what would happen under it.

        `schedule` must agree with the run's own up to step `at`. Raises CannotForecast for a refused forecast.
        """
        if not self.fits:
            raise CannotForecast(f"there is no curve to draw: {self.verdict.value}")
        at = np.atleast_1d(np.asarray(steps, float))
        means, variances, shares = [], [], []
        for posterior, observed in self.fits:
            run = observed if schedule is None else observed.under(schedule)
            if not posterior.law.supports(run.view_at(at)):
                continue
            mean, variance = posterior.predict(run, at)
            means.append(mean)
            variances.append(variance)
            shares.append(WEIGHTS.get(posterior.law.name, 0.0))
        if not means:
            raise CannotForecast("no law is defined for this schedule: its learning rate rises again")
        fan = _combine(at, np.array(shares), np.array(means), np.array(variances), self)
        return fan if self.tilt is None else _tilted(fan, self.tilt)

    def fitted(self, steps: ArrayLike) -> np.ndarray:
        """The weighted mean of the laws alone at `steps`, in their unit: their shape, wherever the losses lie."""
        at = np.asarray(steps, float)
        laws = [
            (WEIGHTS[p.law.name], p.law.at(run.view_at(at), p.mean)[0]) for p, run in self.fits if p.law.name in WEIGHTS
        ]
        shares, losses = zip(*laws, strict=True)
        return np.average(losses, axis=0, weights=shares)

    def interval(self) -> Interval:
        """The forecast with its 90 % interval. Raises CannotForecast where there is none, with the reason."""
        if self.mid is None or self.low90 is None or self.high90 is None:
            raise CannotForecast(f"there is no forecast: {self.verdict.value}")
        return Interval(self.mid, self.low90, self.high90)

    def under(self, schedule: Schedule, for_step: int | None = None) -> Forecast:
        """The same fit carried to `for_step` (default: the end) of another schedule that shares this one's past."""
        for_step = schedule.total if for_step is None else for_step
        return self._filled(for_step, self.curve([for_step], schedule))

    def _filled(self, for_step: int, fan: Fan) -> Forecast:
        low50, high50, low90, high90 = (float(ends[0]) for ends in (fan.low50, fan.high50, fan.low90, fan.high90))
        return replace(
            self,
            for_step=int(for_step),
            mid=float(fan.mid[0]),
            low50=low50,
            high50=high50,
            low90=low90,
            high90=high90,
        )


def _combine(steps: np.ndarray, shares: np.ndarray, means: np.ndarray, variances: np.ndarray, made: Forecast) -> Fan:
    """The weighted mean over laws, and one calibrated standard deviation from fit, disagreement and floor."""
    share = shares / shares.sum() if shares.any() else np.full(len(shares), 1 / len(shares))
    mid = np.maximum(share @ means, LOWEST)
    scale, observed = (made.library or shipped()).calibration, made.fits[0][1]
    spread = means.std(axis=0)
    own = np.sqrt(np.maximum(share @ variances, 0))
    # a run that departs from the laws gets the full widths: the calibration knows only runs that follow them
    odd = observed.strange > 1
    sd = np.sqrt(
        ((1.0 if odd else scale.parameters) * own) ** 2
        + ((1.0 if odd else scale.laws) * spread) ** 2
        + (scale.floor * mid) ** 2
    )
    # of the logarithm, so that no loss is expected below zero
    half, most = (np.minimum(times * sd / mid, WIDEST) for times in (scale.half, WEAKEST * scale.most))
    mid = made.unit * mid
    return Fan(steps, mid, *(mid * np.exp(width) for width in (-half, half, -most, most)))


def _tilted(fan: Fan, tilt: Tilt) -> Fan:
    mid, down, up = tilt.moved(fan.steps, fan.mid)
    sides = (-HALF * down, HALF * up, -down, up)
    return Fan(fan.steps, mid, *(mid * np.exp(side) for side in sides))


def forecast(
    steps: ArrayLike,
    losses: ArrayLike,
    schedule: Schedule | None,
    *,
    setup: Setup,
    library: Library | Sequence[Finished] = (),
    at: int | None = None,
    for_step: int | None = None,
    repeats: bool = False,
) -> Forecast:
    """Forecast the loss at `for_step` (default: the end of the schedule) from the losses up to step `at` (default:
    all).

    One looks at it to know where a run will end before its compute is spent. Three laws are fitted (`river`, `mpl`,
    `mtl`), each maximising likelihood * prior: the prior comes from `library` (finished runs, or a `Library` made
    from them once) on top of the shipped population; the result is their weighted mean. `repeats`: the run goes
    through its data more than once, which the laws do not know. Raises ValueError for columns of different lengths."""
    steps, losses = np.asarray(steps, float), np.asarray(losses, float)
    if steps.shape != losses.shape or steps.ndim != 1:
        raise CannotForecast(f"steps and losses must be two equally long columns, got {steps.shape} and {losses.shape}")
    at = int(at if at is not None else (steps[-1] if len(steps) else 0))
    steps, losses = _surviving(steps, losses, at)
    end = int(for_step if for_step is not None else (schedule.total if schedule else at))
    refusal, start = _refusal(steps, losses, schedule, at)
    if refusal or schedule is None:
        return Forecast(at, end, refusal or Verdict.NO_LR)
    library = library if isinstance(library, Library) else shipped().plus(list(library))
    course = Course.of(steps, losses, schedule, setup)
    if at >= schedule.total:
        start = min(start or schedule.warmup, schedule.warmup)  # what it has reached needs no laws
    observed = Observed.of(steps, losses, schedule, start)
    if len(observed.steps) < FEWEST and library.like(setup) and len(course.steps) >= FEWEST:
        observed = Observed.of(steps, losses, schedule, 0)  # finished runs know the way from the warm-up on
    if len(observed.steps) < (AFTER_SHIFT if start else FEWEST):
        return Forecast(at, end, Verdict.SHIFTED if start else Verdict.TOO_FEW)
    unit = unit_of(float(np.median(observed.loss[-3:])))
    observed = replace(observed, loss=observed.loss / unit)
    return _forecast(observed, course, library, setup, at, end, unit, repeats)


def _forecast(
    observed: Observed, course: Course, library: Library, setup: Setup, at: int, end: int, unit: float, repeats: bool
) -> Forecast:
    lawful = library.lawful(setup)
    far = not lawful if lawful is not None else repeats or unit != 1 or _unlike(library, setup, end)
    level = float(np.median(observed.loss[-3:]))
    fits: list[tuple[Posterior, Observed]] = []
    trusted = _trusted(observed, library, setup, level, unit)
    for name in (*WEIGHTS, CHECK):
        law = known_laws()[name]
        if not law.supports(observed.view):
            continue
        before = prior(law, setup, trusted.about(name, setup, unit), level)
        if not fits:  # the first law says how strange the run is
            least = STRANGE[-1] if far else STRANGE[0]
            tried = [
                (fit(law, [run], before), run) for run in (replace(observed, strange=k) for k in STRANGE if k >= least)
            ]
            best = max(tried, key=lambda one: one[0].evidence)
            observed, before_first = best[1], before
            fits.append(best)
        else:
            fits.append((fit(law, [observed], before), observed))
    posterior = fits[0][0]
    made = Forecast(
        at,
        end,
        _verdict(posterior, before_first, far),
        fits=tuple(fits),
        library=library,
        unit=unit,
        law=" + ".join(f"{one.law.title}" for one, _ in fits if one.law.name in WEIGHTS),
        spikes=tuple(int(step) for step in observed.spikes),
        parameters=values_of(posterior),
        evidence=evidence_sentence(trusted, setup, posterior, before_first) + (REPEATS if repeats else ""),
    )
    if at >= max(end, observed.schedule.total):
        return _reached(made, course, observed.strange > 1)
    if at >= end:
        return replace(made, verdict=Verdict.FINISHED)._filled(end, made.curve([end]))
    return _joined(made, course, library.like(setup), observed.strange > 1, repeats)


def _trusted(observed: Observed, library: Library, setup: Setup, level: float, unit: float) -> Library:
    """The library, without the project's runs where this run's past is better explained without them."""
    law = known_laws()[next(iter(WEIGHTS))]
    near, alone = library.about(law.name, setup, unit), library.without(setup)
    if len(near) == len(alone.known[law.name]) or not law.supports(observed.view):
        return library
    with_them, without = (
        fit(law, [observed], prior(law, setup, known, level)).evidence for known in (near, list(alone.known[law.name]))
    )
    return alone if without > with_them + CONTRADICTED else library


def _joined(made: Forecast, course: Course, others: list[Course], odd: bool, repeats: bool) -> Forecast:
    """The forecast with what finished runs say of the way from here, and its doubt where laws fail.

    They are those of the project; where it has none and the run looks like a small language model, those."""
    at, end, window = made.at, made.for_step, course.window(made.at)
    now, fan = float(course.level(at, window)), made.curve([at, end])
    mid, low, high = (np.log(side[1]) for side in (fan.mid, fan.low90, fan.high90))
    miss = missed(*made.fits[0])
    laws = LogEnd(float(mid), float(mid - low), float(high - mid))
    if odd:
        start, stop = np.log(np.maximum(made.fitted([at, end]), LOWEST))
        laws = unknown(course, at, end, window, float(stop - start), miss, not others)
    whose = "of this project"
    if odd and not others and not repeats:
        small = small_models(course.setup.loss_kind)
        if looks_like(course, small, at, end):
            others, whose = list(small), "of small language models"
    gain = expected_gain(course, others, at, end) if others else None
    final, share = joined(laws, now, gain)
    again = not odd and made.fits[0][1].schedule.rewarmed(at)
    if again:
        final = final.widened(REWARMED)
        words = f"the learning rate rose again, so the interval is {REWARMED} times as wide"
        made = replace(made, evidence=f"{made.evidence}; {words}")
    if odd or again or share > LITTLE:
        start = now - float(np.log(fan.mid[0])) if odd else 0.0
        straight = odd and miss > FITS
        made = replace(made, tilt=Tilt(course, window, at, end, start, final.log - float(mid), final, straight))
    if gain and share > LITTLE:
        words = f"{share:.0%} from how {gain.runs} finished run{'s' * (gain.runs > 1)} {whose} went on from here"
        made = replace(made, evidence=f"{words}; {made.evidence}")
    if final.too_wide:
        enough = int(float(f"{(end - at) * (1 - 1 / final.times_too_wide):.1g}"))
        words = f"about {enough:,} more steps would narrow it to {TOO_WIDE:.0%}"
        made = replace(made, verdict=Verdict.WIDE, evidence=f"{made.evidence}; {words}")
    elif share > 0.5:
        made = replace(made, verdict=Verdict.COURSE)
    elif odd:
        made = replace(made, verdict=Verdict.UNLIKE)
    return made._filled(end, made.curve([end]))


def _reached(made: Forecast, course: Course, odd: bool) -> Forecast:
    """An ended run: the mean of its last losses, and how far noise can have moved it."""
    mid, error, count = course.reached()
    made = replace(made, evidence=f"mean of the last {count} losses", verdict=Verdict.FINISHED)
    if odd:  # what would come if it went on
        at, later, window = made.at, int(GO_ON * made.at) + 1, course.window(made.at)
        start = mid - float(np.log(made.curve([at]).mid[0]))
        end = unknown(course, at, later, window, 0.0, missed(*made.fits[0]), True)
        made = replace(made, tilt=Tilt(course, window, at, later, start, start, end))
    low50, high50, low90, high90 = (float(np.exp(mid + share * error)) for share in (-HALF, HALF, -1, 1))
    return replace(made, mid=float(np.exp(mid)), low50=low50, high50=high50, low90=low90, high90=high90)


def _surviving(steps: np.ndarray, losses: np.ndarray, at: int) -> tuple[np.ndarray, np.ndarray]:
    """Points up to `at`; after a rollback the later attempt replaces the steps it repeats."""
    keep = steps <= at
    steps, losses = steps[keep], losses[keep]
    if len(steps) > 1 and np.any(np.diff(steps) <= 0):
        smallest_later = np.minimum.accumulate(np.append(steps[1:], np.inf)[::-1])[::-1]
        keep = steps < smallest_later
        steps, losses = steps[keep], losses[keep]
    return steps, losses


def _refusal(
    steps: np.ndarray, losses: np.ndarray, schedule: Schedule | None, at: int
) -> tuple[Verdict | None, int | None]:
    """Why there is no forecast, or else the step after which the losses of one level begin (None: from the start)."""
    if schedule is None:
        return Verdict.NO_LR, None
    if np.mean(losses[np.isfinite(losses)] <= 0) > 0.01:
        return Verdict.NO_LOSS, None
    shift = last_shift(steps, losses, schedule)
    if diverged(losses if shift is None else losses[steps > shift]):
        return Verdict.DIVERGED, None
    if rewarming(schedule, min(at, schedule.total)):
        return Verdict.REWARM, None
    return None, shift


def _unlike(library: Library, setup: Setup, end: int) -> bool:
    """Whether size, peak LR, length or optimizer lie far outside those of the public runs."""
    known = library.public()
    if not known:
        return True
    if end < KNOWN_STEPS[0] / 4 or end > KNOWN_STEPS[1] * 4:
        return True
    if setup.optimizer.lower() not in {one.optimizer.lower() for one in known}:
        return True
    for value, others in (
        (setup.params, [one.params for one in known]),
        (setup.peak_lr, [one.peak_lr for one in known]),
    ):
        if np.log(value / max(others)) > KNOWN_RANGE or np.log(min(others) / value) > KNOWN_RANGE:
            return True
    return False


def _learned(posterior: Posterior, before: Gaussian) -> float:
    """By how much the run itself narrowed the size of the annealing term: 0 = not at all, 1 = fully known."""
    place = posterior.law.parameters.index("D")
    return 1 - float(np.sqrt(posterior.covariance[place, place] / before.covariance[place, place]))


def _verdict(posterior: Posterior, before: Gaussian, far: bool) -> Verdict:
    if far:
        return Verdict.UNLIKE
    return Verdict.GOOD if _learned(posterior, before) > 0.3 else Verdict.BORROWED


def evidence_sentence(library: Library, setup: Setup, posterior: Posterior, before: Gaussian) -> str:
    same = library.runs.get((setup.project, setup.name), 0)
    project = sum(count for (name, _), count in library.runs.items() if name == setup.project) - same
    sources = []
    if _learned(posterior, before) > 0.3:
        sources.append("this run")
    if same:
        sources.append(f"{same} earlier run{'s' * (same > 1)} of this setup")
    if project:
        sources.append(f"{project} earlier run{'s' * (project > 1)} of this project")
    if library.population:
        sources.append("public runs")
    return "effect of the decay estimated from " + (", ".join(sources) if sources else "typical values of the laws")


def values_of(posterior: Posterior) -> dict[str, Interval]:
    """The fitted parameters by name."""
    halves = 1.645 * np.sqrt(np.diag(posterior.covariance))
    return {
        name: Interval(mid, mid - half, mid + half).map(math.exp)
        for name, mid, half in zip(posterior.law.parameters, posterior.mean.tolist(), halves.tolist(), strict=True)
    }
