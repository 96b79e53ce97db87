"""Logs that other tools wrote, taken into a store: one file here is one format, found by being here.

`find(paths)` says which logs are there, `take_in(store, source)` adds one to the run that stands for it, and
`Following(store, source)` does so again and again while the log grows, `Folder(store, path)` for every log of a folder.
`preview(source)` says what would be imported.
"""

from . import archive as archive
from .folder import Folder as Folder
from .following import Following as Following
from .intake import Imported as Imported
from .intake import take_in as take_in
from .preview import Preview as Preview
from .preview import preview as preview
from .source import Source as Source
from .source import find as find
from .source import importers as importers
