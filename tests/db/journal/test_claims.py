"""Every attempt's number is given once, whoever asks at the same moment."""

import subprocess
import sys
import threading

from barograph.db.journal.claims import claim, release

MANY = """
import sys
from pathlib import Path
from barograph.db.journal.claims import claim
print(*(claim(Path(sys.argv[1]), "r", 1) for _ in range(50)))
"""


def test_processes_and_threads_never_get_one_number_twice(tmp_path):
    others = [
        subprocess.Popen([sys.executable, "-c", MANY, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    numbers: list[int] = []
    threads = [threading.Thread(target=lambda: numbers.append(claim(tmp_path, "r", 1))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        numbers += map(int, other.communicate(timeout=60)[0].split())
    assert sorted(numbers) == list(range(1, 121))


def test_claims_go_once_no_journal_of_the_run_is_left(tmp_path):
    for run in ("r", "r", "r", "other"):
        claim(tmp_path, run, 1)
    journal = tmp_path / "r.0000000000000-1.000000.journal"
    journal.touch()
    release(tmp_path, "r", 2)
    assert len(list(tmp_path.iterdir())) == 5
    journal.unlink()
    release(tmp_path, "r", 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.1.attempt", "r.3.attempt"]


def test_where_no_file_can_be_made_the_number_asked_for_is_given(tmp_path):
    (tmp_path / "file").touch()
    assert claim(tmp_path / "file" / "folder", "r", 7) == 7
