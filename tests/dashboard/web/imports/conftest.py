"""The Import page, with files uploaded to it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


@pytest.fixture
def app(app):
    """Opens the page, with files uploaded to it."""

    def opened(*files: tuple[str, bytes]) -> AppTest:
        test = app()
        if files:
            (uploader,) = test.get("file_uploader")
            uploader.set_value([(name, content, "application/octet-stream") for name, content in files]).run()
        assert not test.exception
        return test

    return opened
