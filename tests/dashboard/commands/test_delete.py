"""`barograph delete`: asks first, and is sure which run is meant."""

from barograph.db import Run, RunWriter, Store
from tests.dashboard.commands.asking import ask


def test_delete_asks_first(store):
    assert ask("delete", "id-b", input="n\n").exit_code == 1
    assert ask("delete", "id-b").exit_code == 1  # nobody there to answer
    assert len(Store(store).runs()) == 2
    assert ask("delete", "id-b", input="y\n").exit_code == 0
    assert [run.id for run in Store(store).runs()] == ["id-a"]
    assert ask("delete", "[red]a[/red]", "--yes").exit_code == 0 and Store(store).runs() == []


def test_delete_of_a_name_that_several_have(store):
    Store(store).append(Run("id-c", "[red]a[/red]"), {"loss": ([0], [1])})
    done = ask("delete", "[red]a[/red]", "--yes")
    assert done.exit_code == 1 and "id-a" in done.stderr and "id-c" in done.stderr and len(Store(store).runs()) == 3


def test_delete_of_a_run_under_way(store):
    writer = RunWriter.open(store, Run("live", "live"))
    writer.points(0, ("loss",), [1.0])
    done = ask("delete", "live", "--yes")
    assert done.exit_code == 1 and "still being written" in done.stderr
    writer.close("finished")
