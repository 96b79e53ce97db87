"""Which commit a run was started from: asked of git without running what a repository's own settings name.

Settings and attributes of a repository can name programs: a file monitor, filters by which files are compared,
converters to text, hooks, the way to a server. A folder of somebody else's must not have them run where one
only trains.
"""

from __future__ import annotations

import hashlib
import os
import subprocess

_OFF = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.untrackedCache=false")
_DIFF = ("diff", "HEAD", "--no-ext-diff", "--no-textconv", "--binary", "--ignore-submodules=dirty")
_ENVIRONMENT = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}  # older gits know the second only


def commit(folder: str | os.PathLike[str], seconds: float = 5.0) -> dict[str, str]:
    """The git commit of `folder` and a hash of what changed since; {} where there is no git or it takes too long."""

    def git(*arguments: str, off: tuple[str, ...] = _OFF) -> bytes:
        options = [word for setting in off for word in ("-c", setting)]
        return subprocess.run(
            ["git", "-C", os.fspath(folder), *options, *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=seconds, env=os.environ | _ENVIRONMENT,
        ).stdout  # fmt: skip

    try:
        found = {"commit": git("rev-parse", "HEAD").decode().strip()}
        names = git("config", "--name-only", "-z", "--list").decode(errors="surrogateescape").split("\0")
        filters = {name.rpartition(".")[0] for name in names if name.startswith("filter.")}
        unset = [f"{one}.{what}=" for one in sorted(filters) for what in ("clean", "smudge", "process")]
        difference = git(*_DIFF, off=(*_OFF, *unset, *(f"{one}.required=false" for one in sorted(filters))))
    except (OSError, subprocess.SubprocessError):
        return {}
    return found | {"diff": hashlib.sha256(difference).hexdigest()[:16] if difference else ""}
