"""What a training process is told of the findings in its run."""

import pytest

from barograph.db import Finding, Run, RunWriter, Store, writer


@pytest.fixture(autouse=True)
def at_every_tend(monkeypatch):
    monkeypatch.setattr(writer, "STOP_CHECK_SECONDS", 0.0)


def begin(path, **options) -> RunWriter:
    begun = RunWriter.open(path, Run("", "a"), **options)
    begun.points(1, ("loss",), [1.0])
    begun.tend()
    return begun


def spike(first: int, severity: int = 1, **more) -> Finding:
    return Finding("gradient_spike", "w", first, first, first, severity, "a spike", **more)


def test_what_is_found_is_given_once_and_again_when_it_is_graver(tmp_path):
    run, store = begin(tmp_path / "runs.db"), Store(tmp_path / "runs.db")
    which = run.run.id
    store.findings.save("another run", [spike(1)])
    store.findings.save(which, [spike(1), spike(5)])
    assert [f.first for f in run.new_findings()] == [1, 5]
    store.findings.save(which, [spike(1, advice="wait")])
    assert run.new_findings() == []
    store.findings.save(which, [spike(1, severity=2), spike(9)])
    assert [(f.first, f.severity) for f in run.new_findings()] == [(1, 2), (9, 1)]
    run.close()
    assert run.new_findings() == []


def test_a_new_attempt_does_not_hear_what_was_found_before_it(tmp_path):
    run, store = begin(tmp_path / "runs.db"), Store(tmp_path / "runs.db")
    store.findings.save(run.run.id, [spike(1)])
    run.close("stopped")
    again = begin(tmp_path / "runs.db", resume=True)
    store.findings.save(run.run.id, [spike(3, attempt=1)])
    assert [f.first for f in again.new_findings()] == [3]
    again.close()


def test_where_only_the_readers_host_opens_the_store_nothing_comes_back(tmp_path, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_NETWORK", "1")
    run = begin(tmp_path / "runs.db")
    store = Store(tmp_path / "runs.db")
    store.fold()
    store.findings.save(run.run.id, [spike(1)])
    run.tend()
    assert run.network and run.new_findings() == []
    run.close()
