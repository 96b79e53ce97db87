"""The runs that `compare` and `report` are asked for: names or a condition, never both, never neither."""

import pytest
import typer

from barograph.dashboard.commands._comparison import compared
from tests.dashboard.made_up_sweep import sweep


@pytest.mark.parametrize(("runs", "where"), [(None, None), ([], None), (["a", "b"], "1")])
def test_names_or_a_condition(tmp_path, runs, where):
    store = sweep(tmp_path / "runs.db")
    with pytest.raises(typer.BadParameter, match="which runs"):
        compared(store, runs, where, None, "step", None, None)


def test_every_option_reaches_the_comparison(tmp_path):
    found = compared(sweep(tmp_path / "runs.db"), ["a", "b"], None, "loss", "tokens", "c", 2.5)
    assert (found.signal, found.axis, found.reference, found.target) == ("loss", "tokens", "run2", 2.5)
    assert [one.run.name for one in found.results] == ["c", "a", "b"]
