"""Runs a command line in this process."""

from typer.testing import CliRunner

from barograph.dashboard.commands._app import app


def ask(*words: object, **options):
    return CliRunner().invoke(app, [str(word) for word in words], **options)
