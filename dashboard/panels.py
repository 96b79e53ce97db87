"""Which panels a run gets, and the frames that belong to them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from . import data, foresight
from .charts.band import band
from .charts.heat import heat
from .charts.look import Look
from .charts.loss import loss
from .charts.parts import parts
from .charts.rate import rate
from .frames import View
from .outlook import Outlook
from .words import short

HEADS = {
    "grad_norm": "Gradient norm",
    "grad_norm_applied": "Gradient norm, after clipping",
    "tokens_per_s": "Throughput",
}
HEADS |= {
    "grad_norm_tensor": "Gradient norm by tensor",
    "grad_norm_module": "Gradient norm by module",
    "update_ratio_tensor": "Update-to-weight ratio by tensor",
    "update_norm_tensor": "Update norm by tensor",
    "weight_norm_tensor": "Weight norm by tensor",
}
HEADS |= {"steps_per_s": "Throughput", "val_loss": "Validation loss", "lr": "Learning rate", "loss": "Loss"}
USUAL = (("grad_norm", "grad_norm_applied"), ("tokens_per_s", "steps_per_s"))
MISSING = {
    "loss": "This run has not recorded a loss; log it with `run.log(loss=loss)`.",
    "lr": "This run did not record a learning rate; pass the optimizer to `watch`.",
    "grad_norm": "This run did not record gradient norms; pass the optimizer to `watch`.",
    "tokens_per_s": "This run did not record its speed; log tokens with `run.log(loss=loss, tokens=n)`.",
}
FEW = 8  # parts that can still be told apart as lines


@dataclass
class Drawing:
    """Panels in order, the frames they draw by name, and sentences about what cannot be drawn."""

    panels: list[dict] = field(default_factory=list)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)


def heads(name: str) -> str:
    """A signal's heading."""
    return HEADS.get(name) or short(name.replace("_", " "), 60).capitalize()


def mapped(signals: dict) -> list[str]:
    """The signals that have enough parts for a heat map, the most telling first."""
    many = [name for name, said in signals.items() if len(said.parts) > 1 and said.axes != ("group",)]
    first = ("grad_norm_tensor", "grad_norm_module", "update_ratio_tensor")
    return sorted(many, key=lambda name: (first.index(name) if name in first else len(first), name))


def others(signals: dict) -> list[str]:
    """The signals that the page does not draw unasked."""
    usual = {"loss", "val_loss", "lr", "time", *(next((n for n in names if n in signals), "") for names in USUAL)}
    return [name for name in signals if name not in usual]


def drawing(
    run,
    view: View,
    look: Look,
    signals: dict,
    extra: list[str],
    mapping: str | None,
    outlook: Outlook | None,
    close: bool,
) -> Drawing:
    """The page of one run: loss with its `outlook`, learning rate, gradient norm, speed, what was asked for, map."""
    out = Drawing()
    smooth = view.half_life != 0
    out.frames["events"] = data.events(view)

    def add(name: str, found: dict[str, pd.DataFrame]) -> None:
        out.frames.update({f"{name}{suffix}": frame for suffix, frame in found.items()})

    if "loss" in signals or "val_loss" in signals:
        said = signals.get("loss") or signals["val_loss"]
        add("loss", data.line(view, "loss"))
        add("loss.val", {"": data.validation(view, "val_loss")})
        note = "blue: training, band from lowest to highest" + (
            " · orange: validation" if "val_loss" in signals else ""
        )
        if outlook is not None:
            note += " · violet: forecast, 50 % and 90 %"
            add("loss.fan", foresight.fan(view, outlook))
            if close:
                seen, shown = run.last_step or 0, outlook.forecast.for_step
                out.frames.update(foresight.close_up(out.frames, seen, shown))
                note += " · without the steep beginning"
        out.panels.append(loss(look, unit=said.unit, note=note, smooth=smooth))
    else:
        out.said.append(MISSING["loss"])
    if "lr" in signals:
        add("lr", data.several(view, "lr", signals["lr"].parts))
        add("lr.plan", {"": data.plan(view, run.last_step or 0, outlook is not None and bool(outlook.forecast.fits))})
        out.panels.append(rate(look))
    else:
        out.said.append(MISSING["lr"])
    for names in USUAL:
        name = next((n for n in names if n in signals), None)
        if name is None:
            out.said.append(MISSING[names[0]])
        else:
            _panel(out, add, run, view, look, name, signals[name], smooth)
    for name in extra:
        if name in signals:
            _panel(out, add, run, view, look, name, signals[name], smooth)
    if mapping and mapping in signals:
        frame, n = data.heat(view, mapping, run.state == "running")
        if len(frame):
            rows = frame["part"].nunique()
            note = signals[mapping].sentence[:110] + (f" · the first {rows} of {n} parts" if n > rows else "")
            note += sampled(run, signals[mapping])
            add("heat", {"": frame})
            log = bool((frame["high"] > 0).all())
            out.panels.append(
                heat(look, "heat", heads(mapping), unit=signals[mapping].unit, note=note, log=log, rows=rows)
            )
        else:
            out.said.append(f"No finite value of {short(mapping, 60)} in this range.")
    return out


def sampled(run, said) -> str:
    """What to know of a signal that is not recorded at every step."""
    steps = data.every(run, said.name, said.parts[0])
    return f" · every {steps} steps: a spike of one step can fall between two samples" if steps > 1 else ""


def _panel(out: Drawing, add, run, view: View, look: Look, name: str, said, smooth: bool) -> None:
    slot = f"signal{len(out.panels)}"
    head, note = heads(name), said.sentence[:120] + sampled(run, said)
    if len(said.parts) > 1:
        few = said.parts[:FEW]
        note += f" · {len(few)} of {len(said.parts)} parts; the heat map has all" if len(few) < len(said.parts) else ""
        add(slot, data.several(view, name, few))
        out.panels.append(parts(look, slot, head, unit=said.unit, note=note))
    else:
        add(slot, data.line(view, name, said.parts[0]))
        out.panels.append(band(look, slot, head, unit=said.unit, note=note, smooth=smooth))
