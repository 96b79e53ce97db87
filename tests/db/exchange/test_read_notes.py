"""Notes in a file are input from outside: what does not fit is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from barograph.db import Store
from barograph.db.importers import find, take_in


def bring_back(store: Store, path: Path) -> str:
    (source,), refused = find([path])
    assert not refused
    done = take_in(store, source)
    assert done.complete
    again = take_in(store, source)
    assert again.points == 0 and "nothing new" in again.sentence
    return done.run.id


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


HOSTILE = [
    b"{", b"[1]", b'{"barograph": 1}',
    b'{"barograph": {"run": {"name": 5, "started": NaN, "state": "<b>", "size": 3}}}',
    b'{"barograph": {"run": {"id": "../x", "name": "\\ud800", "attempt": 99, "config": [], "last_step": 1}}}',
    b'{"barograph": {"columns": {"loss": ["tokens"], "x": [], "y": [1], "z": "s", "v": {}}, "attempt": {"number": 1}}}',
    b'{"barograph": {"event": {"step": 1e999, "kind": "k"}, "evaluation": {"step": 1, "task": "t"}, "describe": {}}}',
    b'{"barograph": {"plan": {"knots": [[1]], "group": "0"}, "event": {"step": 99999999999999999999, "kind": "k"}}}',
    b'{"barograph": {"plan": {"knots": [[1e300, 2]], "group": "0", "origin": "o", "made_at": 1}}}',
]  # fmt: skip


def test_notes_that_somebody_else_wrote_are_passed_over_where_they_do_not_fit(store, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "log.csv").write_text("step,loss\n1,2\n2,1\n")
    (folder / "log.csv.barograph").write_bytes(b"\n".join(HOSTILE))
    run = store.run(bring_back(store, folder))
    assert run.name == "?" and run.config == {} and run.size == {} and run.state == "stopped"
    assert store.series(run.id, "tokens").values.tolist() == [2, 1]
    assert store.plans(run.id) == [] and store.evaluations(run.id) == [] and store.check() == []
    assert [event.kind for event in store.events(run.id)] == ["import"]
