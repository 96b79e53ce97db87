"""The commit a run was started from, and that nothing of the repository's own is run to know it."""

from __future__ import annotations

import os
import subprocess

import pytest

from barograph.collectors.recording.git_commit import commit


def git(folder, *arguments):
    own = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    told = subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return told.stdout.strip()


def test_the_commit_and_what_changed_since(tmp_path):
    assert commit(tmp_path) == {}
    git(tmp_path, "init", "-q")
    (tmp_path / "train.py").write_text("lr = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "a")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert commit(tmp_path) == {"commit": head, "diff": ""}
    (tmp_path / "train.py").write_text("lr = 2\n")
    first = commit(tmp_path)
    (tmp_path / "train.py").write_text("lr = 3\n")
    second = commit(tmp_path)
    assert first["commit"] == second["commit"] == head and len({"", first["diff"], second["diff"]}) == 3


def test_git_that_hangs_is_left_behind(tmp_path, monkeypatch):
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nsleep 30\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert commit(tmp_path, seconds=0.2) == {}


OWN = {
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


@pytest.mark.parametrize("kind", OWN)
def test_what_a_repository_names_is_not_run(tmp_path, kind):
    repository, mark = tmp_path / "repository", tmp_path / "was-run"
    repository.mkdir()
    git(repository, "init", "-q")
    for name in ("train.py", "same.py"):
        (repository / name).write_text("lr = 1\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "a")
    subprocess.run(OWN[kind].replace("{mark}", str(mark)), shell=True, check=True, cwd=repository)
    (repository / "train.py").write_text("lr = 2\n")
    os.utime(repository / "same.py", (1, 1))  # git would note that it is unchanged
    found = commit(repository)
    assert not mark.exists()
    assert kind == "fetch" or (len(found["commit"]) == 40 and found["diff"])
    os.utime(repository / "same.py", (2, 2))
    subprocess.run(["git", "diff", "HEAD"], cwd=repository, capture_output=True)
    assert mark.exists(), "git alone would have run it"
