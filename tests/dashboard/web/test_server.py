"""What the server is started with: one app, one theme and one set of settings, wherever it is started."""

import subprocess
import sys
import tomllib
from pathlib import Path

from barograph.dashboard.commands._children import APP

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "dashboard" / "web"


def test_the_checkout_and_the_package_serve_the_same_app_with_the_same_configuration():
    assert (ROOT / "app.py").read_text() == (PACKAGE / "app.py").read_text()
    assert (ROOT / ".streamlit").resolve() == PACKAGE / ".streamlit"
    settings = tomllib.loads((PACKAGE / ".streamlit" / "config.toml").read_text())
    assert settings["server"]["address"] == "127.0.0.1", "other machines are let in when asked for"
    assert settings["theme"]["light"]["primaryColor"] and settings["theme"]["dark"]["primaryColor"]


def test_the_command_serves_our_theme_from_any_folder(tmp_path):
    code = "import sys; from streamlit import config; config._main_script_path = sys.argv[1]; "
    code += "print(config.get_option('theme.light.primaryColor'), config.get_option('browser.gatherUsageStats'))"
    done = subprocess.run([sys.executable, "-c", code, str(APP)], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.split() == ["#2c6aa0", "False"], done.stderr
