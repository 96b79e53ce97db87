"""What the Run page says of a run, without a page."""

import pandas as pd

from barograph.dashboard.web.run import view
from barograph.db import Attempt, Description, Event, Run

SIGNALS = {
    "loss": Description("loss", "nats", "Training loss", "lower", (), ((),), "Loss"),
    "lr": Description("lr", "", "", "neither", ("group",), (("0",), ("1",)), "Learning rate"),
    "grad_norm": Description("grad_norm", parts=((),), title="Gradient norm"),
    "grad_norm_tensor": Description("grad_norm_tensor", axes=("parameter",), parts=(("a",), ("b",)), title="By tensor"),
    "attn_entropy": Description("attn_entropy", better="higher", axes=("layer",), parts=(("0",), ("1",))),
    "my_metric": Description("my_metric", parts=((),), title="My metric"),
}


def test_titles_are_those_of_the_run_and_else_the_known_ones():
    assert view.title(SIGNALS, "my_metric") == "My metric" and view.title({}, "val_loss") == "Validation loss"


def test_what_is_missing_comes_with_its_remedy():
    assert view.not_recorded({}, "grad_norm") == "Gradient norm was not recorded (pass the optimizer to watch)."
    own = {"grad_norm": Description("grad_norm", title="Norm", remedy="ask for it")}
    assert view.not_recorded(own, "grad_norm") == "Norm was not recorded (ask for it)."


def test_maps_have_parts_and_the_most_telling_comes_first():
    assert view.mapped(SIGNALS) == ["grad_norm_tensor", "attn_entropy"]


def test_others_are_what_is_not_drawn_unasked():
    assert view.others(SIGNALS) == ["grad_norm_tensor", "attn_entropy", "my_metric"]


def test_values_far_apart_are_wide():
    calm = pd.DataFrame({"low": [0.5, 0.4], "mean": [0.6, 0.5], "high": [0.7, 9.0]})
    assert not view.wide(calm) and view.wide(calm.assign(high=[0.7, 900.0]))
    assert not view.wide(calm.assign(low=[0.0, 0.4], high=[0.7, 900.0])), "zero has no place on a logarithmic axis"
    assert not view.wide(calm.iloc[:0])


def test_the_numbers_of_a_running_run():
    run = Run("r", "r", state="running", last_step=999, size={"total": 2_500_000})
    cells = view.numbers(run, 3000, 60.0, 120.0, {"loss": 2.5, "tokens_per_s": 41_000.0})
    assert cells == {
        "Step": "999 / 3,000", "Loss": "2.5", "Tokens/s": "41k", "Elapsed": "1 min", "Time left": "2 min"
    }  # fmt: skip
    assert view.facts(run) == ["2.5M parameters"]
    assert view.numbers(Run("r", "r", state="finished"), None, None, None, {"val_loss": 1.0}) == {
        "Step": "–", "Validation loss": "1"
    }  # fmt: skip


def test_a_configuration_is_flat_rows_without_python_and_without_what_is_empty():
    rows = view.pairs({"lr": 0.1, "model": {"params": 113754, "betas": [0.9, 0.95]}, "empty": "", "none": None})
    assert rows == [
        {"name": "lr", "value": "0.1"},
        {"name": "model.params", "value": "113,754"},
        {"name": "model.betas", "value": "0.9, 0.95"},
    ]
    assert view.pairs({"layers": [[64, 2], 8]}) == [{"name": "layers", "value": "[64, 2], 8"}]
    groups = view.pairs({"optimizers": [{"name": "AdamW", "eps": 1e-8}]})
    assert groups == [{"name": "optimizers", "value": "name=AdamW, eps=1e-08"}]


def test_provenance_names_the_sizes():
    named = view.provenance(Run("r", "r", provenance={"device": "cpu"}, size={"non_embedding": 5}, tokens_per_step=64))
    assert named == {"device": "cpu", "parameters, non-embedding": 5, "id": "r", "tokens per step": 64}


def test_events_attempts_and_signals_are_rows():
    (event,) = view.events([Event(5, "note", "hello", 0.0)])
    assert (event["step"], event["kind"], event["event"]) == (5, "note", "hello")
    (attempt,) = view.attempts([Attempt(0, -1, 0.0)])
    assert attempt["attempt"] == 1 and attempt["state"] == "running"
    better = {row["name"]: row["better"] for row in view.recorded(SIGNALS)}
    assert better["loss"] == "lower" and better["lr"] == "", "no word where neither way is better"
