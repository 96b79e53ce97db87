"""The lease: one holder at a time, and it dies with its process."""

import os
import shutil
import subprocess
import sys

from barograph.db.places.lease import Lease

HOLDS = """
import sys
from pathlib import Path
from barograph.db.places.lease import Lease
lease = Lease(Path(sys.argv[1]))
print(lease.held(), flush=True)
sys.stdin.read()
"""


def test_one_holds_it_until_it_is_released(tmp_path):
    one, other = Lease(tmp_path / "x" / "lock"), Lease(tmp_path / "x" / "lock")
    assert one.held() and one.held() and not other.held()
    one.release()
    assert other.held() and not one.held()
    other.release()


def test_it_dies_with_its_holder(tmp_path):
    command = [sys.executable, "-c", HOLDS, str(tmp_path / "lock")]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "True\n"
    lease = Lease(tmp_path / "lock")
    assert not lease.held()
    holder.kill()
    holder.wait()
    assert lease.held()
    lease.release()


def test_a_lease_whose_file_was_deleted_is_taken_anew(tmp_path):
    one, other = Lease(tmp_path / "x" / "lock"), Lease(tmp_path / "x" / "lock")
    assert one.held()
    shutil.rmtree(tmp_path / "x")
    assert other.held() and not one.held()
    other.release()


def test_who_may_not_write_does_not_get_it(tmp_path):
    (tmp_path / "file").write_text("")
    assert not Lease(tmp_path / "file" / "lock").held() and os.listdir(tmp_path) == ["file"]
