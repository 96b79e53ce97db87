"""The `barograph` command: every file in `commands/` is one; what is heavy is imported when it is run."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from ... import __version__
from ...errors import BarographError
from .. import commands

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"barograph {__version__}")
        raise typer.Exit


@app.callback(no_args_is_help=True)
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Barograph records, compares and forecasts the training of neural networks."""


def _with_errors_printed(command: Callable[..., None]) -> Callable[..., None]:
    """The command; an error that the user can act on is printed in one sentence instead of a traceback."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except BarographError as error:
            print(error, file=sys.stderr)
            raise typer.Exit(1) from None

    return run


for _found in pkgutil.iter_modules(commands.__path__):
    if not _found.name.startswith("_"):
        _command = importlib.import_module(f"{commands.__name__}.{_found.name}").command
        app.command(_found.name.strip("_").replace("_", "-"))(_with_errors_printed(_command))
