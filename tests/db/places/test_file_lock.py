"""A lock that dies with its holder, is seen by others, and disturbs nobody."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from barograph.db.places.file_lock import held, hold, let_go, locks_reach

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="such locks are Linux's")
HOLD = """
import os, sys
from barograph.db.places.file_lock import hold
print(hold(os.open(sys.argv[1], os.O_WRONLY)), flush=True)
sys.stdin.read()
"""


def test_it_is_held_until_its_holder_lets_go_and_other_handles_change_nothing(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"data")
    file = os.open(path, os.O_WRONLY)
    assert not held(path) and hold(file) and held(path) and held(path)
    assert path.read_bytes() == b"data" and held(path)
    let_go(file)
    assert not held(path)
    os.close(file)


def test_it_dies_with_its_holder(tmp_path):
    path = tmp_path / "file"
    path.touch()
    how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], **how) as other:
        assert other.stdout.readline() == "True\n" and held(path)
        mine = os.open(path, os.O_WRONLY)
        assert not hold(mine), "only one holds it"
        os.close(mine)
        other.kill()
        other.wait()
        assert not held(path)


class Mount(NamedTuple):
    mountpoint: str
    fstype: str
    opts: str = "rw"


def test_which_file_systems_have_locks_in_common(monkeypatch):
    mounts = [
        Mount("/", "ext4"), Mount("/nas", "nfs4"), Mount("/own", "nfs", "rw,local_lock=all"), Mount("/vm", "virtiofs"),
        Mount("/s", "fuse.sshfs"),
    ]  # fmt: skip
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    reach = {at: locks_reach(Path(at) / "x") for at in ("/", "/nas", "/own", "/vm", "/s")}
    assert reach == {"/": True, "/nas": True, "/own": False, "/vm": False, "/s": False}
