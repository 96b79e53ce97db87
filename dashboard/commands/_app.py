"""The `barograph` command: every file in `commands/` is one; what is heavy is imported when it is run."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import sys
from collections.abc import Callable
from typing import Any

import typer

from ...errors import BarographError
from .. import commands

app = typer.Typer(
    help="Barograph watches the training dynamics of neural networks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _spoken(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command, with what a user can mend said in one sentence instead of a traceback."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except BarographError as error:
            print(error, file=sys.stderr)
            raise typer.Exit(1) from None

    return run


for _found in pkgutil.iter_modules(commands.__path__):
    if not _found.name.startswith("_"):
        _command = importlib.import_module(f"{commands.__name__}.{_found.name}").command
        app.command(_found.name.strip("_").replace("_", "-"))(_spoken(_command))

if __name__ == "__main__":
    app()
