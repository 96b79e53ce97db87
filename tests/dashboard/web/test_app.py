"""The app is found by reading its file, as `streamlit run` finds it."""

from pathlib import Path

from streamlit.web.server.app_discovery import discover_asgi_app

from barograph.dashboard.web import server


def test_streamlit_finds_the_app():
    found = discover_asgi_app(Path(server.__file__).with_name("app.py"))
    assert found.is_asgi_app and found.app_name == "app"
