"""Checks the types of all rooms: mypy follows no package mapping, so it is shown a tree of links laid out as installed.

`python tests/typecheck.py [ROOM ...]` prints the errors (of the named rooms only, if any is named) and counts per room.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TREE = ROOT / "build" / "types"
ROOMS = (
    "barograph", "db", "collectors", "dashboard/analysis", "dashboard/charts", "dashboard/services", "dashboard/web",
    "dashboard/commands",
)  # fmt: skip
STRICT = ("barograph", "db", "dashboard/analysis")  # the others: see pyproject.toml
PAGE = "page_"  # a page's file begins with a digit, which no module's name may


def link() -> dict[str, str]:
    """Makes the tree anew; the file in the tree -> the file in the checkout."""
    shutil.rmtree(TREE, ignore_errors=True)
    places = {}
    for top in ("barograph", "db", "collectors", "dashboard"):
        for path in sorted((ROOT / top).rglob("*.py*")):
            if path.suffix not in (".py", ".pyi"):
                continue
            own = path.relative_to(ROOT)
            inside = own if top == "barograph" else "barograph" / own
            if not inside.stem.isidentifier():
                inside = inside.with_name(PAGE + inside.name)
            (TREE / inside).parent.mkdir(parents=True, exist_ok=True)
            (TREE / inside).symlink_to(os.path.relpath(path, (TREE / inside).parent))
            places[str(inside)] = str(own)
    return places


def errors() -> list[str]:
    """One line an error, with the places in the checkout."""
    places = link()
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "-p", "barograph"]
    done = subprocess.run(command, cwd=TREE, capture_output=True, text=True)
    if done.returncode not in (0, 1) or done.stderr:
        raise SystemExit(done.stdout + done.stderr)
    found = re.findall(r"^(\S+?\.pyi?)(:.* error: .*)$", done.stdout, re.MULTILINE)
    return [places[path] + rest for path, rest in found]


def room_of(line: str) -> str:
    return max((room for room in ROOMS if line.startswith(f"{room}/")), key=len, default="dashboard")


def main(rooms: list[str]) -> int:
    found = errors()
    counts = Counter(map(room_of, found))
    shown = [line for line in found if not rooms or room_of(line) in rooms]
    print(*shown, sep="\n" if shown else "")
    for room in ROOMS:
        print(f"{counts[room]:5d}  {room}{'  (strict)' if room in STRICT else ''}")
    return 1 if shown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
