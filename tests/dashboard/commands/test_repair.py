"""`barograph repair`: says what it did, and leaves a store that `check` finds sound."""

import sqlite3

from tests.dashboard.commands.asking import ask


def test_a_damaged_store_is_sound_after_the_repair(store):
    assert ask("repair", str(store)).stdout == "nothing to repair\n"
    with sqlite3.connect(store) as file:
        file.execute("UPDATE tiles SET data = zeroblob(20) WHERE series = 1 AND level = 0 AND tile = 0")
    done = ask("check")
    assert done.exit_code == 1 and "are damaged" in done.stderr
    done = ask("repair", str(store))
    assert done.exit_code == 0 and "points are lost" in done.stdout
    assert ask("check").exit_code == 0


def test_a_store_that_is_not_there(tmp_path):
    done = ask("repair", str(tmp_path / "none.db"))
    assert done.exit_code == 1 and "no store at" in done.stderr


def test_secrets_are_masked_when_that_is_asked_for(store):
    assert ask("check", "--secrets").stdout == "no secrets found\n"
    assert ask("repair", "--secrets", str(store)).stdout == "nothing to repair\n"
    with sqlite3.connect(store) as file:
        file.execute("""UPDATE runs SET config = '{"api_key": "hidden"}', note = 'lr 0.1' WHERE rowid = 1""")
    found = ask("check", "--secrets")
    assert found.exit_code == 1 and "config.api_key" in found.stderr and "hidden" not in found.output
    done = ask("repair", "--secrets", str(store))
    assert done.exit_code == 0 and "config.api_key" in done.stdout and "hidden" not in done.output
    assert ask("check", "--secrets").exit_code == 0 and b"hidden" not in store.read_bytes()
