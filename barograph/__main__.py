"""`python -m barograph`: the same as the command `barograph`."""

from __future__ import annotations

import importlib
import sys


def main() -> None:
    """Runs the command line; one sentence where what it needs is not installed."""
    try:
        commands = importlib.import_module("barograph.dashboard.commands._app")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in ("typer", "rich"):
            raise
        sys.exit(f"the command line needs {missing}: pip install 'barograph[dashboard]'")
    commands.app(prog_name="barograph")


if __name__ == "__main__":
    main()
