"""`barograph check`: what a store holds, and whether it is sound."""

from barograph.db import Store
from tests.dashboard.commands.asking import ask


def test_check_of_a_sound_store(store):
    done = ask("check")
    assert done.exit_code == 0 and "2 runs (1 diverged, 1 finished), 3 series, 3,002 points" in done.stdout
    assert "no problems found" in done.stdout


def test_check_of_a_damaged_store(store):
    opened = Store(store)
    with opened._database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE series SET n = n + 1 WHERE signal = 'lr'")
    opened.close()
    done = ask("check")
    assert done.exit_code == 1 and "lr" in done.stderr and "no problems" not in done.stdout
