"""The charts of one run: which panels it gets, and the frames that belong to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from ....db.records import Description, Run
from ....formatting import short
from ...charts.band import band
from ...charts.heat import heat
from ...charts.look import Look
from ...charts.loss import loss
from ...charts.parts import parts
from ...charts.rate import rate
from ...services.close_up import NO_MARKS
from ...services.frames import HOLES, View
from ...services.heat_maps import Map
from ...services.run_forecast import RunForecast
from .. import cache
from ..forecast.cached import fan
from ..forecast.view import close_up
from .view import USUAL, not_recorded, title, wide

FEW = 8  # parts that can still be told apart as lines


class Drawing:
    """Panels of one run in order, the frames they draw by name, and sentences about what cannot be drawn."""

    def __init__(self, run: Run, view: View, look: Look, signals: Mapping[str, Description]):
        self.run, self.view, self.look, self.signals = run, view, look, signals
        self.panels: list[dict] = []
        self.frames: dict[str, pd.DataFrame] = {"events": cache.events(view)}
        self.notes: list[str] = []

    def add(self, name: str, found: dict[str, pd.DataFrame]) -> None:
        self.frames.update({f"{name}{suffix}": frame for suffix, frame in found.items()})
        said = [sentence for frame in found.values() for sentence in frame.attrs.get(HOLES, ())]
        self.notes = list(dict.fromkeys(self.notes + said))

    def _not_recorded(self, name: str) -> None:
        self.notes.append(not_recorded(cache.descriptions(self.run.id), name))

    def loss(self, forecast: RunForecast | None = None, close: bool = False, height: int = 270) -> None:
        """The loss with its forecast; `close`: without the steep beginning."""
        described = self.signals.get("loss") or self.signals.get("val_loss")
        if described is None:
            self._not_recorded("loss")
            return
        self.add("loss", cache.line(self.view, "loss"))
        self.add("loss.val", {"": cache.validation(self.view, "val_loss")})
        self.add("loss.beyond", {"": NO_MARKS})
        notes = ["blue: training, smoothed; thin lines show min to max"] if "loss" in self.signals else []
        notes += ["orange: validation"] if "val_loss" in self.signals else []
        if forecast is not None:
            self.add("loss.fan", fan(self.view, forecast))
            if len(self.frames["loss.fan"]):
                notes.append("violet: forecast with 50 % and 90 % intervals")
            if close:
                seen, shown = self.run.last_step or 0, forecast.forecast.for_step
                self.frames.update(close_up(self.frames, seen, shown))
                notes.append("y-axis cut above the steep start, which is marked at the edge")
        smooth = self.view.half_life != 0
        self.panels.append(loss(self.look, unit=described.unit, note=" · ".join(notes), smooth=smooth, height=height))

    def rate(self, ahead: bool = False) -> None:
        """The learning rate, and its plan to the end if `ahead`."""
        if "lr" not in self.signals:
            self._not_recorded("lr")
            return
        self.add("lr", cache.several(self.view, "lr", self.signals["lr"].parts))
        self.add("lr.plan", {"": cache.plan(self.view, self.run.last_step or 0, ahead)})
        self.panels.append(rate(self.look))

    def first_of(self, names: tuple[str, ...]) -> None:
        """The first of these signals that the run has recorded."""
        name = next((n for n in names if n in self.signals), None)
        if name is None:
            self._not_recorded(names[0])
        else:
            self.signal(name)

    def signal(self, name: str) -> None:
        """A signal as a band, on a logarithmic axis where values lie far apart; or its first parts as lines."""
        described = self.signals[name]
        slot, note = f"signal{len(self.panels)}", described.sentence[:120] + sampled(self.run, described)
        if len(described.parts) > 1:
            few = len(described.parts) > FEW
            note += f" · {FEW} of {len(described.parts)} parts; the heat map has all" if few else ""
            self.lines(name, title(self.signals, name), note, described.parts[:FEW])
        else:
            found, look = cache.line(self.view, name, described.parts[0]), self.look
            if wide(found[""]):
                look = replace(look, log_y=True)
                found = cache.line(replace(self.view, log_y=True), name, described.parts[0])
            self.add(slot, found)
            smooth = self.view.half_life != 0
            head = title(self.signals, name)
            self.panels.append(band(look, slot, head, unit=described.unit, note=note, smooth=smooth))

    def lines(self, name: str, head: str, note: str, chosen: tuple, log: bool = False) -> None:
        """Chosen parts of a signal, a line each."""
        slot, log = f"signal{len(self.panels)}", log or self.look.log_y
        self.add(slot, cache.several(replace(self.view, log_y=log), name, chosen))
        look = replace(self.look, log_y=log)
        self.panels.append(parts(look, slot, head, unit=self.signals[name].unit, note=note))

    def map(self, name: str, pick: bool = False, row: str = "") -> Map | None:
        """All parts of a signal as a heat map; with `pick` a click on a cell selects its row; `row` is marked."""
        described, found = self.signals[name], cache.heat(self.view, name, self.run.state == "running")
        if not len(found.frame):
            self.notes.append(f"No finite value of {short(name, 60)} in this range.")
            return None
        n, drawn = len(described.parts), sum(map(len, found.rows.values()))
        joined = f" · {n} parts in {len(found.rows)} rows, the {found.shows}est value of each"
        note = described.sentence[:110] + (joined if drawn > len(found.rows) else "")
        note += f" · the first {drawn} of {n} parts" if drawn < n else ""
        slot = f"map{len(self.panels)}"
        self.add(slot, {"": found.frame.assign(map=name), ".row": found.outline(row)})
        look = {"log": found.log, "shows": found.shows, "rows": len(found.rows), "pick": pick}
        note += sampled(self.run, described)
        head = title(self.signals, name)
        self.panels.append(heat(self.look, slot, head, unit=described.unit, note=note, **look))
        return found


@dataclass(frozen=True)
class Choice:
    """What of a run is drawn beside the usual: more signals, a heat map, the forecast, and the loss cut at the top."""

    signals: Sequence[str] = field(default=())
    heat_map: str | None = None
    forecast: bool = True
    close_up: bool = True


def drawing(
    run: Run,
    view: View,
    look: Look,
    signals: Mapping[str, Description],
    choice: Choice,
    forecast: RunForecast | None,
) -> Drawing:
    """The page of one run: loss with its `forecast`, learning rate, gradient norm, speed, what was asked for, map."""
    out = Drawing(run, view, look, signals)
    out.loss(forecast, choice.close_up)
    out.rate(forecast is not None and bool(forecast.forecast.fits))
    for names in USUAL:
        out.first_of(names)
    for name in choice.signals:
        if name in signals:
            out.signal(name)
    if choice.heat_map and choice.heat_map in signals:
        out.map(choice.heat_map)
    return out


def sampled(run: Run, described: Description) -> str:
    """What to know of a signal that is not recorded at every step."""
    steps = cache.every(run, described.name, described.parts[0])
    return f" · every {steps} steps: a spike of one step can fall between two samples" if steps > 1 else ""
