"""Comparisons of runs of a store: as a table for people, as JSON, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.statistics.difference import SAME
from barograph.dashboard.services.comparison.comparability import Unranked
from barograph.dashboard.services.comparison.compare import common, compare, seeds_of
from barograph.dashboard.services.comparison.result import verdict
from barograph.dashboard.services.run_table import row
from barograph.db import Description, Run, Store
from tests.dashboard.made_up_seeds import STEPS, loss, seeds


@pytest.fixture
def store(tmp_path):
    return seeds(tmp_path / "runs.db")


def test_what_is_beyond_the_noise_of_seeds(store):
    runs = [store.run(name) for name in ("base 1", "base 2", "better")]
    found = compare(store, runs, axis="tokens")
    assert (found.signal, found.reference, found.seeds.dof) == ("loss", "base-1", 2)
    assert found.results[0].difference is None and found.results[1].difference.verdict == SAME
    assert found.results[2].difference.verdict == "lower" and found.results[2].difference.value.high < -0.1
    assert found.config == {"seed": [1, 2, 4], "lr": [1e-3, 1e-3, 3e-3]}
    reached = found.results[2].to_target
    truth = 100 * (4 / (found.target - 1.8)) ** 2
    assert reached.low < reached.mid < reached.high and reached.mid == pytest.approx(truth, rel=0.1)
    assert found.results[2].speedup.low > 2


def test_a_signal_of_which_more_is_better(store):
    for name, level in (("base-1", 0.5), ("better", 0.7)):
        run = store.run(name)
        accuracy = level * (1 - 1 / np.sqrt(STEPS)) + np.random.default_rng(0).normal(0, 0.001, len(STEPS))
        store.append(run, {"accuracy": (STEPS, accuracy)}, descriptions=[Description("accuracy", better="higher")])
    found = compare(store, [store.run("base 1"), store.run("better")], signal="accuracy")
    assert found.better == "higher" and found.results[1].difference.verdict == "higher"
    assert found.results[1].difference.value.mid == pytest.approx(0.2, abs=0.01)
    assert found.results[1].final.value > found.results[0].final.value and found.target == found.results[0].final.value
    assert found.results[1].to_target.mid == pytest.approx((1 - found.target / 0.7) ** -2, rel=0.1)


def test_other_tokenizers_are_compared_in_bits_per_byte_or_not_at_all(store):
    points = {"loss": (STEPS, loss(2.0, 9))}
    store.append(Run("small", "small", config={"tokenizer": {"vocab_size": 256}, "bytes_per_token": 1.0}), points)
    store.append(Run("large", "large", config={"tokenizer": {"vocab_size": 50_000}, "bytes_per_token": 4.0}), points)
    store.append(Run("silent", "silent", config={"tokenizer": {"vocab_size": 50_257}}), points)
    found = compare(store, [store.run("small"), store.run("large")])
    assert found.unit == "bits per byte"
    assert found.results[0].final.value == pytest.approx(4 * found.results[1].final.value)
    assert found.results[1].final.value == pytest.approx((2 + 4 / 2000**0.5) / (4 * np.log(2)), rel=0.01)
    with pytest.raises(ValueError, match="different tokenizers.*bytes_per_token.*'silent'"):
        compare(store, [store.run("small"), store.run("silent")])


def test_runs_that_are_not_decayed_or_not_finite_are_named(store):
    store.append(Run("hot", "hot"), {"loss": (STEPS, loss(2.2, 7)), ("lr", "0"): (STEPS, np.full(2000, 1e-3))})
    store.append(
        Run("dead", "dead"),
        {"loss": (STEPS, np.full(2000, np.nan)), ("lr", "0"): (STEPS, 1e-3 * (1 - 0.9 * STEPS / 2000))},
    )
    found = compare(store, [store.run(name) for name in ("base 1", "hot", "dead")])
    told = " ".join(found.notes)
    assert "Not ranked: hot: their learning rate has not decayed" in told and "2,000 values are not finite" in told
    hot = found.results[1]
    assert hot.unranked is Unranked.UNDECAYED and hot.speedup is None and hot.difference.verdict == "higher"
    assert verdict(found, hot) == "not ranked: learning rates decayed differently"
    assert found.results[2].problem == "recorded no finite value of this signal"


def test_the_same_run_twice_is_no_difference(store):
    run = store.run("base 1")
    copy = Run("copy", "copy", state="finished", config=run.config)
    points = store.series(run.id, "loss")
    store.append(copy, {"loss": (points.steps, points.values)})
    assert compare(store, [run, store.run("copy")]).results[1].difference.verdict == SAME


def test_a_run_ends_where_the_filter_says_it_ends(store):
    few = {"loss": (np.array([10, 20, 30, 40]), np.array([8.3, 1.9, 0.7, 0.43]))}
    store.append(Run("few", "few"), few)
    store.append(Run("epochs", "epochs"), {"loss": (np.arange(1, 61), 1 + 9 / np.arange(1, 61))})
    runs = [store.run(name) for name in ("base 1", "better", "few", "epochs")]
    found = compare(store, runs)
    assert [one.final.value for one in found.results] == [row(store, run)["final_loss"] for run in runs]
    assert found.results[2].final.value == 0.43 and verdict(found, found.results[2]) == "too few points to tell"
    assert found.results[3].final.value == pytest.approx(1.15, abs=0.01)


@pytest.mark.parametrize(("name", "better"), [("eval/top5", "higher"), ("quality", "neither"), ("wer", "lower")])
def test_of_a_metric_that_is_not_described_the_name_says_which_way_is_better(store, name, better):
    for run, level in (("base-1", 0.5), ("better", 0.7)):
        store.append(store.run(run), {name: (STEPS, level + np.random.default_rng(0).normal(0, 0.01, len(STEPS)))})
    runs = [store.run("base 1"), store.run("better")]
    found = compare(store, runs, signal=name)
    assert found.better == better
    assert verdict(found, found.results[1]) == {"higher": "better", "lower": "worse", "neither": "higher"}[better]
    if better == "neither":
        assert found.results[1].best is None and found.results[1].speedup is None and found.target is None
        told = compare(store, runs, signal=name, better="higher")
        assert verdict(told, told.results[1]) == "better"
        with pytest.raises(ValueError, match="expected lower or higher"):
            compare(store, runs, signal=name, better="up")


def test_seed_pairs_of_imported_runs_are_found_and_a_sweep_is_none(tmp_path):
    found = Store(tmp_path / "hf.db")
    for k, rate in enumerate((1e-4, 1e-4, 3e-4)):
        config = {"train_batch_size": 8, "seed": k, "output_dir": f"out/{k}", "train_runtime": 9.0 + k}
        points = {"loss": (STEPS, loss(2 + 0.01 * k, k)), ("lr", "0"): (STEPS, rate * (1 - STEPS / 2000))}
        found.append(Run(str(k), str(k), state="finished", config=config, last_step=2000), points)
    assert seeds_of(found, found.runs(), "loss").dof == 1


def test_the_plain_loss_is_compared_where_all_recorded_it(store):
    for name in ("base-1", "better"):
        store.append(store.run(name), {"loss_unweighted": (STEPS, loss(2.0, 1))})
    assert common(store, [store.run("base 1"), store.run("better")]) == "loss_unweighted"
    assert common(store, [store.run("base 1"), store.run("base 2")]) == "loss"
