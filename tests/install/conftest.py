"""The wheel, built from what git knows, installed into fresh environments, and a project that has names of ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.source_tree import ROOT

PIP = ("-m", "pip", "--disable-pip-version-check")
THEIRS = ("db", "collectors", "dashboard", "tests", "app")


@dataclass(frozen=True)
class Environment:
    """A virtual environment, used from a folder."""

    place: Path
    folder: Path

    @property
    def bin(self) -> Path:
        return self.place / "bin"

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A program of the environment, run in the folder without anything that this test process has set."""
        return subprocess.run(
            [self.bin / program, *arguments], cwd=self.folder, env=clean(), capture_output=True, text=True, timeout=300
        )

    def answer(self, program: str, *arguments: str) -> str:
        done = self.run(program, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def distributions(self) -> set[str]:
        """Normalised names of what is installed, the installer itself left out."""
        listed = json.loads(self.answer("python", *PIP, "list", "--format=json"))
        return {one["name"].lower().replace("_", "-") for one in listed} - {"pip", "setuptools"}

    def lend_torch(self) -> None:
        """Torch is the user's own: that of this test process, after everything that the environment has itself."""
        found = find_spec("torch")
        assert found and found.origin
        (site,) = self.place.glob("lib/python*/site-packages")
        (site / "torch_of_the_user.pth").write_text(str(Path(found.origin).parents[1]))


def clean() -> dict[str, str]:
    ours = ("PYTHON", "BAROGRAPH_", "STREAMLIT_", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """Built from a copy, so that nothing left over in the checkout gets in."""
    copy = tmp_path_factory.mktemp("source")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, *PIP, "wheel", "--quiet", "--no-deps", "-w", out, copy], check=True, timeout=300)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Path:
    """A user's folder with packages and a module that are called like ours; each refuses to be imported."""
    folder = tmp_path_factory.mktemp("project")
    refusal = 'raise RuntimeError(f"{__name__} of the user was imported")\n'
    for name in THEIRS:
        if name == "app":
            (folder / "app.py").write_text(refusal)
        else:
            (folder / name).mkdir()
            (folder / name / "__init__.py").write_text(refusal)
    return folder


def installed(wheel: Path, extra: str, place: Path, folder: Path) -> Environment:
    venv.create(place, with_pip=True)
    environment = Environment(place, folder)
    environment.answer("python", *PIP, "install", "--quiet", f"{wheel}{extra}")
    return environment


@pytest.fixture(scope="session")
def bare(wheel, project, tmp_path_factory) -> Environment:
    """The base install."""
    return installed(wheel, "", tmp_path_factory.mktemp("bare"), project)


@pytest.fixture(scope="session")
def with_dashboard(wheel, project, tmp_path_factory) -> Environment:
    """The install with the extra [dashboard]."""
    return installed(wheel, "[dashboard]", tmp_path_factory.mktemp("dashboard"), project)
