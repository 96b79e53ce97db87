"""What commands print: names that are no markup, tables without a width to fit, JSON without NaN."""

from __future__ import annotations

import json

import pytest
from rich.table import Table

from barograph.dashboard.commands import _terminal
from barograph.dashboard.commands._terminal import ago, finite, line, literal, print_json, print_table


def test_a_name_is_printed_as_it_is(capsys):
    line("[red]a[/red] :smile: " + "x" * 300)
    line("to stderr", err=True)
    printed = capsys.readouterr()
    assert printed.out == "[red]a[/red] :smile: " + "x" * 300 + "\n" and printed.err == "to stderr\n"
    assert literal("a\x1b[31mb").plain == "a [31mb"


def test_a_table_in_a_pipe_is_wide(capsys):
    table = Table("x" * 90, "y" * 90)
    table.add_row("1", "2")
    print_table(table)
    assert "x" * 90 in capsys.readouterr().out


def test_json_has_no_nan(capsys):
    print_json({"a": finite(float("nan")), "b": finite(1.5), "c": finite(None)})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": 1.5, "c": None}
    with pytest.raises(ValueError):
        print_json({"a": float("inf")})


def test_how_long_ago(monkeypatch):
    monkeypatch.setattr(_terminal.time, "time", lambda: 1000.0)
    assert (ago(820.0), ago(0.0)) == ("3 min ago", "unknown")
