"""The public names and their types; `__init__.py` loads them on first use."""

from .collectors import evaluator as evaluator
from .collectors import every as every
from .collectors import log_spaced as log_spaced
from .collectors import watch as watch
from .dashboard.analysis.forecasting import forecast as forecast
from .db import Store as Store
from .errors import BarographError as BarographError
from .errors import CannotForecast as CannotForecast
from .errors import NoSuchRun as NoSuchRun
from .errors import NotRecorded as NotRecorded
from .errors import StoreError as StoreError

__version__: str
