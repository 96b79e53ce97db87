"""The store: SQLite tables, and beside them the journals that training appends to.

This room knows neither torch nor streamlit. `Store` reads and edits, `RunWriter` is what a training process holds, the
records say what there is.
"""

if __name__ == "db":
    raise ImportError("`db` is a part of barograph since 0.2: write `from barograph import Store`")


from .records import Attempt as Attempt
from .records import Buckets as Buckets
from .records import Description as Description
from .records import Evaluation as Evaluation
from .records import Event as Event
from .records import Finding as Finding
from .records import Plan as Plan
from .records import Prediction as Prediction
from .records import Run as Run
from .records import Series as Series
from .records import View as View
from .store import Store as Store
from .writer import RunWriter as RunWriter
from .writer import new_id as new_id
