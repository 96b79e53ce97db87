"""What the Scaling page shows of a fitted law: frames for its charts, tables, and answers in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from ....formatting import count
from ....interval import Interval
from ...analysis.scaling import Fitted, batch_size, parameter_shares, questions
from ...analysis.scaling.design import next_run
from ...analysis.scaling.profile import profile

POINTS = 60  # of a curve
LEVELS = 9  # lines of equal loss
BEYOND = 30.0  # how far beyond the runs' compute the charts reach


def constants(made: Fitted) -> pd.DataFrame:
    """The constants with their intervals, by bootstrap and by profile."""
    spans = made.intervals()
    profiles = [None if name in made.held else profile(made, name) for name in made.values]
    return pd.DataFrame(
        {
            "constant": list(made.values),
            "value": list(made.values.values()),
            "90 % from": [one.low for one in spans.values()],
            "90 % to": [one.high for one in spans.values()],
            "profile from": [one.low if one else np.nan for one in profiles],
            "profile to": [one.high if one else np.nan for one in profiles],
            "source": ["fixed" if name in made.held else "fitted" for name in made.values],
        }
    )


def outliers(made: Fitted) -> pd.DataFrame:
    """The runs that were left out, and how far they lie from the law through the others."""
    rows = np.flatnonzero(made.out)
    columns = {name: made.table.columns[name][rows] for name in (*made.law.columns, "loss")}
    return pd.DataFrame(
        {"run": [made.table.names[i] for i in rows], **columns, "residual, %": 100 * made.residuals[rows]}
    )


def checked(found) -> pd.DataFrame:
    """The held-out runs: truth, forecast, interval, error."""
    return pd.DataFrame(
        {
            "run": found.table.names,
            "compute": found.table.compute,
            "truth": found.table.loss,
            "forecast": found.band.mid,
            "90 % from": found.band.low,
            "90 % to": found.band.high,
            "error, %": 100 * found.errors,
            "inside": found.inside,
        }
    )


def trades(made: Fitted) -> bool:
    """Whether the law says how size and tokens trade, so that charts and budgets have a meaning."""
    return {"params", "tokens"} <= set(made.law.columns) and "vocab_params" not in made.law.columns


def drawn(made: Fitted) -> dict[str, pd.DataFrame]:
    """The frames of both charts."""
    table = made.table
    params, tokens, compute = table.columns["params"], table.columns["tokens"], table.compute
    runs = pd.DataFrame(
        {
            "compute": compute, "loss": table.loss, "size": params, "tokens": tokens, "name": table.names,
            "out": np.where(made.out, "yes", "no"),
        }
    )  # fmt: skip
    budgets = np.geomspace(compute.min(), compute.max() * BEYOND, POINTS)
    splits = [questions.best_split(made, budget) for budget in budgets]
    frontier = pd.DataFrame(
        {
            "compute": budgets, "loss": [s.loss.mid for s in splits], "low": [s.loss.low for s in splits],
            "high": [s.loss.high for s in splits], "params": [s.params.mid for s in splits],
            "tokens": [s.tokens.mid for s in splits],
        }
    )  # fmt: skip
    lines = []
    sizes = np.unique(params)
    for size in sizes if len(sizes) <= 12 else np.geomspace(params.min(), params.max(), 8):
        near = np.abs(np.log(params / size)) < 0.3
        span = tokens[near] if near.any() else tokens
        data = np.geomspace(span.min() / 2, span.max() * 4, POINTS)
        at = {"params": np.full(POINTS, size), "tokens": data, "unique_tokens": data}
        loss = made.predict(at, noise=False).mid
        lines.append(pd.DataFrame({"compute": 6 * size * data, "loss": loss, "size": size, "label": count(size)}))
    grid = np.geomspace(params.min() / 3, params.max() * 10, POINTS)
    levels = np.linspace(frontier["loss"].min() * 1.01, np.quantile(table.loss, 0.9), LEVELS)
    levels_of_loss = [
        pd.DataFrame({"params": grid, "tokens": row, "loss": level, "label": f"{level:.3g}"})
        for level, row in zip(levels, questions.contours(made, levels, grid), strict=True)
    ]
    equal = pd.concat(levels_of_loss).dropna()
    low, high = tokens.min() / 3, tokens.max() * 10
    decades = 10.0 ** np.arange(np.floor(np.log10(compute.min())), np.ceil(np.log10(compute.max() * BEYOND)) + 1)
    flops = pd.concat([pd.DataFrame({"params": grid, "tokens": c / (6 * grid), "label": f"{c:.0e}"}) for c in decades])

    def within(frame):
        return frame[(frame["tokens"] >= low) & (frame["tokens"] <= high)]

    return {
        "runs": runs,
        "frontier": frontier[["compute", "loss", "low", "high"]],
        "sizes": pd.concat(lines),
        "equal": within(equal),
        "flops": within(flops),
        "best": within(frontier[(frontier["params"] <= grid[-1]) & (frontier["params"] >= grid[0])])[
            ["params", "tokens", "compute", "loss"]
        ],
    }


def text_of(answer: Interval, form: Callable[[float], str] = count) -> str:
    """An answer with its interval, in words."""
    return answer.text(form)


nats = partial("{:.4f}".format)


def at_point(made: Fitted, at: dict[str, float]) -> str:
    columns = {name: np.array([value]) for name, value in at.items()}
    return f"a single run ends at {text_of(made.predict(columns)[0], nats)}"


def budget(made: Fitted, compute: float) -> str:
    best = questions.best_split(made, compute)
    return f"{text_of(best.params)} parameters on {text_of(best.tokens)} tokens give {text_of(best.loss, nats)}"


def target(made: Fitted, loss: float, params: float) -> list[str]:
    best = questions.cheapest(made, loss)
    floor = questions.smallest_loss(made, params)
    lines = [f"With endless data {count(params)} parameters end at {text_of(floor, nats)}."]
    lines.append(f"To a loss of {loss:.4f} they need {text_of(questions.tokens_for(made, params, loss))} tokens.")
    if best.compute.reachable:
        lines.append(
            f"The cheapest way there: {text_of(best.params)} parameters on {text_of(best.tokens)} tokens, "
            f"{text_of(best.compute, '{:.2e}'.format)} FLOPs."
        )
    else:
        lines.append("No budget reaches it: it lies below the irreducible loss of this law.")
    return lines


def excess(made: Fitted, params: float, tokens: float) -> str:
    found = questions.cost_of_ratio(made, params, tokens)
    return (
        f"{tokens / params:.3g} tokens per parameter end {text_of(found.loss, nats)} above the best split of the same "
        f"compute, which would reach their loss with {text_of(found.compute, '{:.2f}'.format)} times less compute"
    )


def epochs(made: Fitted) -> str:
    half, tenth = (questions.epochs_worth(made, least) for least in (0.5, 0.1))
    return (
        f"up to {text_of(half, '{:.1f}'.format)} passes a repeated token is worth at least half of a fresh one, up to "
        f"{text_of(tenth, '{:.1f}'.format)} at least a tenth"
    )


def batch(made: Fitted, params: float, loss: float, size: float) -> list[str]:
    path = batch_size.steps_to(made, params, loss, size)
    return [
        f"At a loss of {loss:.4f} the critical batch is {text_of(path.critical)} tokens.",
        f"With a batch of {count(size)} tokens, {count(params)} parameters take {text_of(path.steps)} steps, "
        f"{text_of(path.tokens)} tokens to it.",
        f"With endless steps they end at {text_of(batch_size.smallest_loss_of(made, params), nats)}.",
    ]


def shared(made: Fitted) -> str:
    share = parameter_shares.encoder_share(made)
    return f"{text_of(share, '{:.2f}'.format)} of all parameters belong into the encoder, whatever their sum"


def words(made: Fitted, params: float, compute: float) -> str:
    found = parameter_shares.best_vocabulary(made, params, compute)
    return (
        f"beside {count(params)} other parameters {text_of(found)} are best spent on the vocabulary (width times words)"
    )


def proposal(made: Fitted, at: dict[str, float], compute: float) -> str:
    found = next_run(made, at, compute)
    return (
        f"{count(found.at['params'])} parameters on {count(found.at['tokens'])} tokens ({found.compute:.1e} FLOPs): "
        f"the interval of this point's forecast would shrink to about {100 * found.left:.0f} % of its width"
    )
