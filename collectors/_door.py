"""The one way from the collectors to the store: the `db` folder that stands beside this package.

`db` is a common name. A user's project may have a package or a data folder of that name earlier on the path, so
the store is loaded from where it stands, under a name of its own, and the user's `db` is neither run nor hidden.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

_FOLDER = Path(__file__).resolve().parent.parent / "db"
_ALIAS = "barograph_db"


def store() -> ModuleType:
    """The store's package, loaded on first use. Raises ImportError where it does not stand beside `collectors`."""
    for name in ("db", _ALIAS):
        loaded = sys.modules.get(name)
        if loaded is not None and _is_ours(loaded):
            return loaded
    begin = _FOLDER / "__init__.py"
    spec = importlib.util.spec_from_file_location(_ALIAS, begin, submodule_search_locations=[str(_FOLDER)])
    if spec is None or spec.loader is None or not begin.is_file():
        raise ImportError(f"no store at {_FOLDER}: collectors and db belong side by side; install barograph again")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_ALIAS] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[_ALIAS]
        raise
    return module


def _is_ours(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).resolve().parent == _FOLDER
