"""Files larger than the memory that their import may use, each in a process of its own with a bound on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
IMPORT = """
import resource, sys
import numpy, sqlalchemy, barograph.db.importers
from barograph import Store
from barograph.errors import StoreError
from barograph.db.importers import find, take_in, preview
resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[3]),) * 2)
sources, refused = find([sys.argv[1]])
assert sources, refused
store = Store(sys.argv[2])
preview(sources[0])
done = take_in(store, sources[0])
print(done.points, store.run(done.run.id).last_step, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
BOUND = 280 << 20  # bytes of data, numpy and SQLAlchemy included


def imported(path: Path) -> tuple[int, int]:
    command = [sys.executable, "-c", IMPORT, str(path), str(path.with_suffix(".db")), str(BOUND)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={"OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr[-2000:]
    points, last, _ = map(int, done.stdout.split())
    return points, last


def test_the_bound_is_one():
    code = f"import resource; resource.setrlimit(resource.RLIMIT_DATA, ({BOUND},) * 2); bytearray({BOUND})"
    assert "MemoryError" in subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr


def test_a_line_of_half_a_gigabyte(tmp_path):
    path = tmp_path / "a.jsonl"
    with open(path, "wb") as file:
        file.write(b"".join(b'{"step": %d, "loss": 1.5}\n' % s for s in range(1000)))
        file.seek(1 << 29, 1)  # a hole: the file takes no room
        file.write(b"\n" + b"".join(b'{"step": %d, "loss": 1.5}\n' % s for s in range(1000, 1010)))
    assert imported(path) == (1010, 1009)


@pytest.mark.slow
def test_a_log_larger_than_the_memory(tmp_path):
    path = tmp_path / "a.jsonl"
    row = b'{"step": %d, "loss": 1.5, "note": "' + b"x" * 30_000 + b'"}\n'
    with open(path, "wb") as file:
        for first in range(0, 10_000, 1000):
            file.write(b"".join(row % s for s in range(first, first + 1000)))
    assert path.stat().st_size > BOUND
    assert imported(path) == (10_000, 9_999)
