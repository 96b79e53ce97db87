"""Laws of the loss, and forecasts made with them. Needs numpy and scipy only.

    from barograph.dashboard.analysis.forecasting import Finished, Schedule, Setup, forecast

    schedule = Schedule(steps=[0, 300, 40_000, 50_000], lr=[0, 1e-3, 1e-3, 0])     # the whole plan: knots or every step
    made = forecast(steps, losses, schedule, setup=Setup("small", "project", peak_lr=1e-3, params=124e6))
    made.verdict.value, made.evidence        # the sentences to print; made.mid is None when the verdict refuses
    made.mid, made.low90, made.high90        # the loss at the end of the plan, or at `for_step`
    made.curve(steps)                        # the fan: a Fan of arrays
    made.under(decay_now(schedule, made.at, 5_000))    # the same fit under another future
    past_forecasts(...)                      # what would have been said earlier in this run, and was it right

`library=` takes finished runs of the same store (`Finished`) or, to fit them once and use them often, a `Library`:
`shipped().plus(finished_runs)`. Runs whose `Setup` has the same `project` and `name` count most, then those of the
same project, then the shipped population of public runs. Parts: `law.py` and one file a law; `schedule.py`,
`observe.py`, `prior.py`, `fit.py` (what goes into a fit), `forecast.py`, `verdict.py`, `population.py` (made by
`make_population.py`), and on top `future.py` and one file a future,
`questions.py`, `proposals.py`, `before.py`, `law_comparison.py`."""

from .before import before_start, past_forecasts
from .forecast import Fan, Forecast, forecast
from .future import parse_future
from .futures.cycles import cycles
from .futures.decay import decay_now
from .futures.extend import extend
from .futures.hold import hold
from .futures.knots import piecewise
from .futures.refined import refined
from .futures.scale import another_peak
from .law import Law, known_laws
from .law_comparison import Compared, compare
from .population import Library, shipped
from .prior import Finished, Setup
from .proposals import ProposedPlan, proposals
from .questions import best_decay, if_decayed_now, steps_to
from .schedule import Schedule
from .verdict import Verdict

__all__ = [
    "Compared",
    "Fan",
    "Finished",
    "Forecast",
    "Law",
    "Library",
    "ProposedPlan",
    "Schedule",
    "Setup",
    "Verdict",
    "another_peak",
    "before_start",
    "best_decay",
    "compare",
    "cycles",
    "decay_now",
    "extend",
    "forecast",
    "hold",
    "if_decayed_now",
    "known_laws",
    "parse_future",
    "past_forecasts",
    "piecewise",
    "proposals",
    "refined",
    "shipped",
    "steps_to",
]
