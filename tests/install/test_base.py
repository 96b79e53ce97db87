"""The base install: what training needs and nothing else, from a folder with names of ours."""

from __future__ import annotations

import tomllib
from zipfile import ZipFile

from tests.source_tree import ROOT

BASE = {"barograph", "numpy", "psutil", "sqlalchemy", "greenlet", "typing-extensions"}  # the last two are SQLAlchemy's
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_the_wheel_holds_one_name(wheel):
    with ZipFile(wheel) as held:
        names = held.namelist()
        (top,) = [name for name in names if name.endswith("/top_level.txt")]
        assert held.read(top).split() == [b"barograph"]
    assert {name.partition("/")[0] for name in names} == {"barograph", f"barograph-{VERSION}.dist-info"}
    assert "barograph/py.typed" in names and "barograph/dashboard/web/.streamlit/config.toml" in names


def test_nothing_heavy_is_installed_or_imported(bare):
    assert {"barograph", "numpy", "psutil", "sqlalchemy"} <= bare.distributions() <= BASE
    code = "import barograph, sys; print(barograph.__version__, {'torch', 'streamlit'} & set(sys.modules))"
    assert bare.answer("python", "-c", code).split() == [VERSION, "set()"]


def test_a_store_opens_beside_a_folder_called_db(bare):
    code = "from barograph import Store; print(Store('bare.db').runs())"
    assert bare.answer("python", "-c", code).strip() == "[]"


def test_the_command_names_what_is_missing(bare):
    done = bare.run("barograph", "runs")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "pip install 'barograph[dashboard]'" in done.stderr
