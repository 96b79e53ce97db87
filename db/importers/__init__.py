"""Logs that other tools wrote, taken into a store: one file here is one format, found by being here.

`find(paths)` says which logs are there, `take_in(store, source)` adds one to the run that stands for it, and
`Following(store, source)` does so again and again while the log grows, `Folder(store, path)` for every log of a folder.
`preview(source)` says what would be imported.
"""

from ._machinery import archive as archive
from ._machinery.folder import Folder as Folder
from ._machinery.following import Following as Following
from ._machinery.intake import Imported as Imported
from ._machinery.intake import take_in as take_in
from ._machinery.preview import Preview as Preview
from ._machinery.preview import preview as preview
from ._machinery.source import Source as Source
from ._machinery.source import find as find
from ._machinery.source import importers as importers
