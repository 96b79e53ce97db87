"""A fitted scaling law as tables and frames."""

import numpy as np
import pytest

from barograph.dashboard.analysis.scaling import ScalingTable, fit
from barograph.dashboard.analysis.scaling.allocation import trades
from barograph.dashboard.web.scaling import view
from tests.dashboard import made_up_scaling


@pytest.fixture(scope="module")
def made():
    params, tokens, loss = made_up_scaling.table()
    names = tuple(f"run {i}" for i in range(len(loss)))
    return fit("chinchilla", ScalingTable({"params": params, "tokens": tokens, "loss": loss}, names, ("",) * len(loss)))


def test_constants_have_their_interval_and_their_source(made):
    rows = view.constants(made).set_index("constant")
    assert rows.loc["E", "90 % low"] < rows.loc["E", "value"] < rows.loc["E", "90 % high"]
    assert set(rows["source"]) == {"fitted"}


def test_the_frames_have_the_runs_and_the_best_split(made):
    drawn = view.drawn(made)
    assert len(drawn["runs"]) == len(made.table) and (np.diff(drawn["frontier"]["loss"]) < 0).all()
    assert trades(made)


def test_each_metric_has_its_trend_over_compute_and_what_it_means(made):
    compute, place = made.table.compute, np.argsort(np.argsort(made.table.compute)) / 19
    rows = view.trends(compute, {"loss": made.table.loss, "turns": place * (1 - place), "few": np.full(20, np.nan)})
    assert rows.set_index("metric")["trend"].to_dict() == {"loss": "power", "turns": "turning", "few": "unknown"}
    assert rows["what it means"].str.contains("no forecast").tolist() == [False, True, False]
