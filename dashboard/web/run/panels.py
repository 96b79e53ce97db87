"""Which panels a run gets, and the frames that belong to them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ....formatting import short
from ...charts.band import band
from ...charts.heat import heat
from ...charts.look import Look
from ...charts.loss import loss
from ...charts.parts import parts
from ...charts.rate import rate
from ...services.frames import View
from ...services.run_forecast import RunForecast
from .. import cache as data
from ..forecast import view as foresight
from ..health import view as diagnosis
from ..heat_maps import Map

HEADS = {
    "grad_norm": "Gradient norm",
    "grad_norm_applied": "Gradient norm, after clipping",
    "tokens_per_s": "Throughput",
}
HEADS |= {
    "attn_logit_max": "Largest attention logit by head",
    "attn_entropy": "Attention entropy by head",
    "attn_first": "Attention to the first token by head",
    "attn_q_norm": "Query norm by head",
    "attn_k_norm": "Key norm by head",
    "grad_spike_max": "Largest spike of an element by tensor",
    "grad_norm_tensor": "Gradient norm by tensor",
    "grad_norm_module": "Gradient norm by module",
    "update_ratio_tensor": "Update-to-weight ratio by tensor",
    "update_norm_tensor": "Update norm by tensor",
    "weight_norm_tensor": "Weight norm by tensor",
}
HEADS |= {
    "init_distance": "Distance from the beginning",
    "update_cosine": "Cosine of successive updates",
    "noise_scale": "Gradient noise scale",
    "loss_p05": "Loss of the easy samples (5 %)",
    "loss_p50": "Loss of the median sample",
    "loss_p95": "Loss of the hard samples (95 %)",
    "spectral_norm": "Largest singular value by matrix",
    "stable_rank": "Stable rank by matrix",
    "activation_rms": "Size of activations by block",
    "dead_units": "Dead units by layer",
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


class Drawing:
    """Panels of one run in order, the frames they draw by name, and sentences about what cannot be drawn."""

    def __init__(self, run, view: View, look: Look, signals: dict):
        self.run, self.view, self.look, self.signals = run, view, look, signals
        self.panels: list[dict] = []
        self.frames: dict[str, pd.DataFrame] = {"events": data.events(view)}
        self.said: list[str] = []

    def add(self, name: str, found: dict[str, pd.DataFrame]) -> None:
        self.frames.update({f"{name}{suffix}": frame for suffix, frame in found.items()})

    def loss(self, outlook: RunForecast | None = None, close: bool = False, height: int = 270) -> None:
        """The loss with its forecast; `close`: without the steep beginning."""
        said = self.signals.get("loss") or self.signals.get("val_loss")
        if said is None:
            self.said.append(MISSING["loss"])
            return
        self.add("loss", data.line(self.view, "loss"))
        self.add("loss.val", {"": data.validation(self.view, "val_loss")})
        note = "blue: training, band from lowest to highest"
        note += " · orange: validation" if "val_loss" in self.signals else ""
        if outlook is not None:
            note += " · violet: forecast, 50 % and 90 %"
            self.add("loss.fan", foresight.fan(self.view, outlook))
            if close:
                seen, shown = self.run.last_step or 0, outlook.forecast.for_step
                self.frames.update(foresight.close_up(self.frames, seen, shown))
                note += " · without the steep beginning"
        smooth = self.view.half_life != 0
        self.panels.append(loss(self.look, unit=said.unit, note=note, smooth=smooth, height=height))

    def rate(self, ahead: bool = False) -> None:
        """The learning rate, and its plan to the end if `ahead`."""
        if "lr" not in self.signals:
            self.said.append(MISSING["lr"])
            return
        self.add("lr", data.several(self.view, "lr", self.signals["lr"].parts))
        self.add("lr.plan", {"": data.plan(self.view, self.run.last_step or 0, ahead)})
        self.panels.append(rate(self.look))

    def first_of(self, names: tuple[str, ...]) -> None:
        """The first of these signals that the run has recorded."""
        name = next((n for n in names if n in self.signals), None)
        if name is None:
            self.said.append(MISSING[names[0]])
        else:
            self.signal(name)

    def signal(self, name: str) -> None:
        """A signal as a band, on a logarithmic axis where values lie far apart; or its first parts as lines."""
        said = self.signals[name]
        slot, note = f"signal{len(self.panels)}", said.sentence[:120] + sampled(self.run, said)
        if len(said.parts) > 1:
            few = len(said.parts) > FEW
            note += f" · {FEW} of {len(said.parts)} parts; the heat map has all" if few else ""
            self.lines(name, heads(name), note, said.parts[:FEW])
        else:
            found, look = data.line(self.view, name, said.parts[0]), self.look
            if diagnosis.wide(found[""]):
                look = replace(look, log_y=True)
                found = data.line(replace(self.view, log_y=True), name, said.parts[0])
            self.add(slot, found)
            smooth = self.view.half_life != 0
            self.panels.append(band(look, slot, heads(name), unit=said.unit, note=note, smooth=smooth))

    def lines(self, name: str, head: str, note: str, chosen: tuple, log: bool = False) -> None:
        """Chosen parts of a signal, a line each."""
        slot, log = f"signal{len(self.panels)}", log or self.look.log_y
        self.add(slot, data.several(replace(self.view, log_y=log), name, chosen))
        look = replace(self.look, log_y=log)
        self.panels.append(parts(look, slot, head, unit=self.signals[name].unit, note=note))

    def map(self, name: str, pick: bool = False, row: str = "") -> Map | None:
        """All parts of a signal as a heat map; `pick`: a click on a cell tells its row, of which `row` is marked."""
        said, found = self.signals[name], data.heat(self.view, name, self.run.state == "running")
        if not len(found.frame):
            self.said.append(f"No finite value of {short(name, 60)} in this range.")
            return None
        n, drawn = len(said.parts), sum(map(len, found.rows.values()))
        joined = f" · {n} parts in {len(found.rows)} rows, the {found.shows}est of each"
        note = said.sentence[:110] + (joined if drawn > len(found.rows) else "")
        note += f" · the first {drawn} of {n} parts" if drawn < n else ""
        slot = f"map{len(self.panels)}"
        self.add(slot, {"": found.frame.assign(map=name), ".row": found.outline(row)})
        look = {"log": found.log, "shows": found.shows, "rows": len(found.rows), "pick": pick}
        note += sampled(self.run, said)
        self.panels.append(heat(self.look, slot, heads(name), unit=said.unit, note=note, **look))
        return found


def drawing(
    run,
    view: View,
    look: Look,
    signals: dict,
    extra: list[str],
    mapping: str | None,
    outlook: RunForecast | None,
    close: bool,
) -> Drawing:
    """The page of one run: loss with its `outlook`, learning rate, gradient norm, speed, what was asked for, map."""
    out = Drawing(run, view, look, signals)
    out.loss(outlook, close)
    out.rate(outlook is not None and bool(outlook.forecast.fits))
    for names in USUAL:
        out.first_of(names)
    for name in extra:
        if name in signals:
            out.signal(name)
    if mapping and mapping in signals:
        out.map(mapping)
    return out


def sampled(run, said) -> str:
    """What to know of a signal that is not recorded at every step."""
    steps = data.every(run, said.name, said.parts[0])
    return f" · every {steps} steps: a spike of one step can fall between two samples" if steps > 1 else ""
