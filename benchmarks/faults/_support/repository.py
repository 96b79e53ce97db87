"""Git repositories whose own settings and attributes name a program that leaves a mark where it is run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PROGRAMS = {
    "fsmonitor": "git config core.fsmonitor 'touch {mark}; false'",
    "textconv": "echo '*.py diff=x' > .gitattributes; git config diff.x.textconv 'touch {mark}; cat'",
    "external diff": "git config diff.external 'touch {mark}; true'",
    "diff driver": "echo '*.py diff=x' > .gitattributes; git config diff.x.command 'touch {mark}; true'",
    "clean filter": "echo '*.py filter=x.y' > .gitattributes; git config filter.x.y.clean 'touch {mark}; cat'",
    "required filter": "echo '*.py filter=x' > .git/info/attributes; git config filter.x.clean 'touch {mark}; cat'; "
    "git config filter.x.required true",
    "process filter": "echo '*.py filter=x' > .gitattributes; git config filter.x.process 'touch {mark}'",
    "hook": "mkdir h; printf '#!/bin/sh\\ntouch {mark}\\n' > h/post-index-change; chmod +x h/*; "
    "git config core.hooksPath h",
    "fetch": "git config remote.o.url 'ext::touch {mark}'; git config remote.o.promisor true; "
    "git config extensions.partialClone o; git config core.repositoryFormatVersion 1; "
    "git config protocol.ext.allow always; rm -f .git/objects/$(git rev-parse HEAD:train.py | sed 's|..|&/|')",
}
"""What names a program, as a shell's command; `{mark}` is the file that the program touches."""


def git(folder: Path, *arguments: str) -> str:
    """What git answers, as a user of its own."""
    own = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    told = subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return told.stdout.strip()


def made(folder: Path, kind: str, mark: Path) -> None:
    """A repository with a change that is not committed, and one of PROGRAMS."""
    folder.mkdir()
    git(folder, "init", "-q")
    for name in ("train.py", "same.py"):
        (folder / name).write_text("lr = 1\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "a")
    subprocess.run(PROGRAMS[kind].replace("{mark}", str(mark)), shell=True, check=True, cwd=folder)
    (folder / "train.py").write_text("lr = 2\n")
    touched(folder)


def touched(folder: Path) -> None:
    """A file's time changes: git would look at it again and note that it is the same."""
    before = (folder / "same.py").stat().st_mtime
    os.utime(folder / "same.py", (before - 60, before - 60))


def compare(folder: Path) -> None:
    """As a user does, with every program that the repository names."""
    subprocess.run(["git", "diff", "HEAD"], cwd=folder, capture_output=True)
