"""What the store holds, as plain frozen values: no connection, no torch, no pandas. Every room may import them."""

from .finding import JUDGEMENTS as JUDGEMENTS
from .finding import Finding as Finding
from .prediction import Prediction as Prediction
from .run import STATES as STATES
from .run import Attempt as Attempt
from .run import Run as Run
from .saved_view import SavedView as SavedView
from .signal import Buckets as Buckets
from .signal import Description as Description
from .signal import Hole as Hole
from .signal import Series as Series
from .timeline import Evaluation as Evaluation
from .timeline import Event as Event
from .timeline import Plan as Plan
