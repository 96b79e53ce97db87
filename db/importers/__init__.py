"""Logs that other tools wrote, taken into a store: one file here is one format, found by being here.

`find(paths)` says which logs are there, `take_in(store, source)` adds one to the run that stands for it.
"""

from .intake import Imported as Imported
from .intake import take_in as take_in
from .source import Source as Source
from .source import find as find
from .source import importers as importers
