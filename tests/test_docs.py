"""The documentation cannot lie: its examples run, its commands and links exist, and whatever there is, is in it."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import re
import shlex
import sqlite3
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import barograph
from barograph import Store
from barograph.db import Run
from benchmarks.__main__ import SCRIPTS
from docs._hooks import on_page_markdown

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
PAGES = sorted(path for path in (ROOT / "docs").rglob("*.md"))
TEXTS = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "examples" / "README.md"]
IDS = [str(path.relative_to(ROOT)) for path in TEXTS]


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language, those inside tabs too, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", code, flags=re.MULTILINE) for indent, code in found]


@cache
def rendered(path: Path) -> str:
    """A page with its generated tables."""
    return on_page_markdown(path.read_text())


@cache
def everything() -> str:
    return "\n".join(map(rendered, TEXTS))


def test_the_readme_runs(tmp_path):
    training, reading = blocks(README, "python")
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{training}\n{reading}"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "loss" in done.stdout and "lr" in done.stdout
    (query,) = blocks(README, "sql")
    with sqlite3.connect(tmp_path / "runs.db") as connection:
        ((name, step, last, low),) = connection.execute(query).fetchall()
    assert (name, step) == ("linear", 100)
    assert 0 < low <= last


def test_the_readme_is_read_in_five_minutes():
    assert len(README.split()) < 900


@pytest.fixture
def working_directory(tmp_path, monkeypatch):
    """A folder with a store of two finished runs, as the pages' examples suppose."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BAROGRAPH_STORE", raising=False)
    store = Store("runs.db")
    steps = np.arange(1, 301)
    for number, name in enumerate(("first", "second")):
        losses = 2.0 + 0.1 * number + 3.0 * steps**-0.5
        run = Run(id=name, name=name, state="finished", started=1.0, ended=2.0, config={"lr": 1e-3 * (1 + number)})
        store.append(run, {"loss": (steps, losses), ("lr", "0"): (steps, np.full(300, 1e-3))})
    store.close()
    return tmp_path


@pytest.mark.parametrize("path", PAGES, ids=[str(path.relative_to(ROOT)) for path in PAGES])
def test_the_python_of_a_page_runs(path, working_directory):
    """```python runs, block after block; ```py is a fragment, which compiles."""
    text = path.read_text()
    names: dict[str, Any] = {}
    for number, code in enumerate(blocks(text, "python")):
        exec(compile(code, f"{path.name}, block {number + 1}", "exec"), names)
    for code in blocks(text, "py"):
        compile(code, path.name, "exec")


def test_the_sql_of_the_pages_runs(working_directory):
    with sqlite3.connect("runs.db") as connection:
        for query in (query for path in PAGES for query in blocks(path.read_text(), "sql")):
            assert len(connection.execute(query).fetchall()) == 2


def shell_lines() -> list[str]:
    found = [
        line.split("  #")[0].strip()
        for path in TEXTS
        for code in blocks(path.read_text(), "bash")
        for line in code.splitlines()
    ]
    found += re.findall(
        r"`((?:\.venv/bin/)?python -m [^`]+|make [a-z-]+|barograph [a-z-]+ [^`]+)`",
        "\n".join(path.read_text() for path in TEXTS),
    )
    return sorted({" ".join(line.split()) for line in found if line and not line.startswith("#")})


@pytest.mark.parametrize("line", shell_lines())
def test_every_command_line_exists(line):
    from typer.main import get_command

    from barograph.dashboard.commands._app import app

    words = shlex.split(line.replace(" ...", ""))
    if words[0] == "barograph":
        command = get_command(app).commands[words[1]]
        command.make_context(words[1], words[2:])  # fails for an option that it does not have
    elif words[0] in ("python", ".venv/bin/python"):
        assert importlib.util.find_spec(words[2]) is not None
        assert all((ROOT / word).exists() for word in words[3:] if words[2] == "pytest")
    elif words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    else:
        assert words[:2] == ["pip", "install"] or words[0] == "torchrun"


def test_a_wrong_option_is_noticed():
    with pytest.raises(BaseException, match="no-such-option|No such option"):
        test_every_command_line_exists("barograph runs --no-such-option")


@pytest.mark.parametrize("path", TEXTS, ids=IDS)
def test_every_relative_link_resolves(path):
    missing = []
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)):
        file, _, anchor = target.partition("#")
        if "://" in target:
            continue
        found = (path.parent / file).resolve() if file else path
        if not found.exists() or (anchor and found.suffix == ".md" and anchor not in anchors(found)):
            missing.append(target)
    assert not missing


@cache
def anchors(path: Path) -> set[str]:
    text = rendered(path)
    own = set(re.findall(r"\{: #([\w-]+) \}", text))
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return own | {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", head).strip().lower()) for head in heads}


def there_is() -> dict[str, list[str]]:
    """Whatever a user can name, by kind."""
    from typer.main import get_command

    from barograph.collectors.presets import PRESETS
    from barograph.collectors.signals import discover as signals
    from barograph.dashboard.analysis.detectors import discover as detectors
    from barograph.dashboard.analysis.forecasting import known_laws
    from barograph.dashboard.analysis.measures import discover as measures
    from barograph.dashboard.analysis.scaling import known_laws as scaling_laws
    from barograph.dashboard.commands._app import app
    from barograph.db.importers import importers

    pages = [path.stem.split("_", 1)[1] for path in (ROOT / "dashboard" / "web" / "pages").glob("[0-9]*.py")]
    code = "\n".join(
        path.read_text()
        for room in ("barograph", "db", "collectors", "dashboard")
        for path in (ROOT / room).rglob("*.py")
    )
    benchmarks = {script.call.split()[0] for script in SCRIPTS}
    return {
        "public object": list(barograph.__all__),
        "command": [f"barograph {name}" for name in get_command(app).commands],
        "preset": list(PRESETS),
        "signal": list(signals()),
        "detector": list(detectors()),
        "law": list(known_laws()),
        "scaling law": list(scaling_laws()),
        "measure": list(measures()),
        "importer": [one.FORMAT for one in importers()],
        "page": [name.replace("_", " ") for name in pages],
        "environment variable": sorted(set(re.findall(r"BAROGRAPH_[A-Z]+", code))),
        "benchmark": [f"benchmarks.{name}" for name in sorted(benchmarks)],
    }


@pytest.mark.parametrize("kind", there_is())
def test_whatever_there_is_is_documented(kind):
    names = there_is()[kind]
    assert names
    assert not [name for name in names if not re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", everything())]


def test_every_setting_is_documented():
    settings = importlib.import_module("barograph.dashboard.services.settings")
    page = (ROOT / "docs" / "reference" / "configuration.md").read_text()
    sections = {"alerts": settings._Alerts, "stop": settings._Stop}
    names = [(section, name) for section, model in sections.items() for name in model.model_fields]
    assert names
    assert not [
        name for section, name in names if not re.search(rf"^\| `{name}` \| `\[{section}\]`", page, re.MULTILINE)
    ]


def test_the_plan_of_the_rooms_is_told():
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    rooms = importlib.import_module("tests.test_rooms").ROOMS
    assert not [room for room in rooms if f"`{room}" not in guide]


@pytest.mark.parametrize("name", ["docs._docstrings", "docs._tables"])
def test_the_docstrings_of_the_generator_hold(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted and not found.failed


@pytest.mark.slow
def test_the_site_builds_without_the_network(tmp_path):
    """mkdocs in strict mode: a broken link, a missing page or an unknown object fails it."""
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) >= len(PAGES)
    fetched = re.compile(r"<(?:script|img|link)[^>]+(?:src|href)=\"https?://(?!squidfunk\.github\.io)")
    assert not [page.name for page in pages if fetched.search(page.read_text())]


def test_every_path_named_in_the_guide_exists():
    rooms = "barograph|benchmarks|collectors|dashboard|db|docs|examples|tests"
    named = re.findall(rf"`((?:{rooms})/[\w/.]*)`", (ROOT / "CONTRIBUTING.md").read_text())
    fixed = [path for path in named if not re.search(r"NAME|NN|GROUP|name\.py", path)]
    assert len(fixed) >= 20
    assert not [path for path in fixed if not (ROOT / path).exists() and not (ROOT / f"{path}.py").exists()]


def recipes() -> dict[str, str]:
    """What the guide for contributors says how to add -> the steps."""
    sections = re.split(r"^### Add (?:a|an) ", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.MULTILINE)[1:]
    return {head: steps.split("\n## ")[0] for head, _, steps in (section.partition("\n") for section in sections)}


@pytest.mark.parametrize("name", recipes())
def test_a_recipe_has_at_most_eight_steps_and_ends_with_its_check(name):
    steps = re.findall(r"^\d+\. (.+)$", recipes()[name], re.MULTILINE)
    assert 3 <= len(steps) <= 8
    assert re.fullmatch(r"Run `\.venv/bin/python -m pytest tests/[\w/.]+`\.", steps[-1])


def test_there_is_a_recipe_for_every_kind_of_member():
    kinds = "signal, detector, law of the loss curve, scaling law, scaling question, importer, page"
    kinds += ", measure of tasks, framework, command"
    assert {*kinds.split(", "), "migration of the tables"} == set(recipes())
