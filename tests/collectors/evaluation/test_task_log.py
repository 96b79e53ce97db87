"""Tasks: their boundaries, evaluations as series, odd ones answered."""

from __future__ import annotations

import warnings

import torch

from barograph.collectors import watch


def warned(call) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [str(one.message) for one in caught]


def test_evaluations_are_series_by_task(writers):
    with watch() as run:
        run.log(loss=1.0)
        run.evaluate(None, "math", accuracy=0.5, loss=2.0, n=10, n_invalid=1)
        run.evaluate(7, "math", accuracy=0.6, weights="ema")
        run.evaluate(7, "math", accuracy=0.7, subset="hard")
        run.evaluate(7, "code", accuracy=0.8, subset="held out")
    (writer,) = writers
    assert writer.series(("eval_accuracy", "math")) == [(1, 0.5)]
    assert writer.series(("eval_loss", "math")) == [(1, 2.0)]
    assert writer.series(("eval_n", "math")) == [(1, 10.0)] and writer.series(("eval_n_invalid", "math")) == [(1, 1.0)]
    assert writer.series(("eval_accuracy_ema", "math")) == [(7, 0.6)]
    assert writer.series(("eval_accuracy", "math (hard)")) == [(7, 0.7)]
    assert writer.series(("eval_accuracy", "code")) == [(7, 0.8)], "the only subset stands for the task"
    said = writer.descriptions["eval_accuracy"]
    assert said.axes == ("task",) and said.better == "higher" and writer.descriptions["eval_loss"].better == "lower"


def test_odd_evaluations_get_a_clear_answer_and_are_kept(writers):
    def odd():
        with watch() as run:
            run.evaluate(5, "math", accuracy=41.0)  # before any task begins: fine, it is the level to begin from
            run.evaluate(6, "math", accuracy=42.0)
            run.evaluate(6, "math", accuracy=0.4)
            run.evaluate(7, "code", accuracy=0.4, n=10, n_invalid=11)
            run.evaluate(8, "code", accuracy=float("nan"))
            run.evaluate("soon", "code", accuracy=0.4)
            run.end_task()

    said = warned(odd)
    assert len(said) == 4
    assert sum("'math', accuracy=...) got 41" in s and "divide percentages by 100" in s for s in said) == 1
    assert sum("evaluate(6, 'math', accuracy=...) came twice" in s and "the later one counts" in s for s in said) == 1
    assert sum("n_invalid between 0 and n" in s for s in said) == 1
    assert sum("step= is no step" in s and "soon: expected a whole number" in s for s in said) == 1
    assert writers[0].values["eval_accuracy", "code"][0] == 0.4, "recorded where the run is"
    assert writers[0].series(("eval_accuracy", "math")) == [(5, 41.0), (6, 0.4)]


def test_a_metric_that_is_no_number_costs_itself_alone(writers):
    def odd():
        with watch() as run:
            run.evaluate(2**63, "math", accuracy=0.25)
            run.evaluate(1, "math", accuracy=None, loss=torch.tensor(2.0), n=10**400, n_invalid="one")

    said = warned(odd)
    assert sum("accuracy=...) is not recorded" in s and "got None of type NoneType" in s for s in said) == 1
    assert len(said) == 3 and "n=..., n_invalid=...) is not recorded" in said[1] + said[2]
    assert writers[0].values == {("eval_accuracy", "math"): {0: 0.25}, ("eval_loss", "math"): {1: 2.0}}
    assert [(e.metric, e.n, e.n_invalid) for e in writers[0].evaluations][1] == ("loss", None, None)


def test_a_task_without_an_end_is_open_and_ends_with_the_run(writers):
    assert not warned(lambda: watch().begin_task("math"))
    assert [(e.kind, e.data.get("boundary")) for e in writers[0].events if e.kind == "task"] == [("task", "begin")]
