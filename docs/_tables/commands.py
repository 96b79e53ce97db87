"""Every command with its arguments and options, from the command line itself."""

from __future__ import annotations

from typing import Any

from typer.main import get_command

from barograph.dashboard.commands._app import app
from docs._tables import table


def render() -> str:
    found: dict[str, Any] = vars(get_command(app))["commands"]
    return "\n\n".join(_section(name, found[name]) for name in sorted(found))


def _section(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    rows = [_option(one) for one in command.params if one.param_type_name == "option" and not one.hidden]
    usage = " ".join(["barograph", name, *(_argument(one) for one in arguments), "[OPTIONS]"])
    parts = [f"## barograph {name} {{: #{name} }}", f"`{usage}`", command.help or ""]
    return "\n\n".join([*parts, table(["option", "what it does", "default"], rows)])


def _argument(argument: Any) -> str:
    name = str(argument.metavar or argument.name).upper().rstrip(".")
    return f"{name} ..." if argument.nargs == -1 else name


def _option(option: Any) -> list[str]:
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    default = "" if option.default in (None, (), [], False) or callable(option.default) else f"`{option.default}`"
    return [names, option.help or "", default if not option.required else "required"]
