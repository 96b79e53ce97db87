"""The panels of the Health page: what happened and when, and where in the model."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ....formatting import short
from ...analysis.detectors import discover
from ...charts.crossing import crossing
from ...charts.look import Look
from ...charts.timeline import spans, timeline
from ...services.frames import place
from ...services.health import Health
from .. import cache as data
from ..run.panels import FEW, Drawing, heads, mapped, sampled
from ..zoom import Zoom
from . import view as diagnosis
from .view import Span

LOGITS = "attn_logit_peak"
USUAL = ("attn_logit_max", "grad_norm_tensor", "grad_norm_module")
LANES = "red: act · orange: watch · blue: note · gray: expected · paler: what followed · faint: judged · arrow: open"


def tell(run, zoom: Zoom, look: Look, signals: dict, found: Health | None, ahead: bool) -> Drawing:
    """Episodes above the loss, the gradient norm and the attention logits, whose projection is drawn if `ahead`."""
    view, last = zoom.view, run.last_step or 0
    look = zoom.look("story", look)
    out = Drawing(run, view, look, signals)
    span = Span(view.lo or 0, view.hi if view.hi is not None else last)
    locate = partial(place, data.store(), view)
    known = list(found.episodes) if found else []
    out.frames["episodes"] = diagnosis.shades(known, span, locate)
    out.loss(height=190)
    out.first_of(("grad_norm", "grad_norm_applied"))
    if LOGITS in signals:
        _logits(out, span, locate, found.findings if found and ahead else ())
    out.panels = [spans(panel, look) for panel in out.panels]
    if known:
        lanes = diagnosis.timeline(known, span, locate)
        out.add("timeline", lanes)
        every = {f.kind for episode in known for f in episode.findings}
        out.panels.insert(0, timeline(look, lanes=len(every), note=LANES))
    return out


def _logits(out: Drawing, span: Span, locate, findings) -> None:
    view = replace(out.view, log_y=True)
    told = diagnosis.crossing(findings)
    fan = diagnosis.fan(told, span, out.run.steps_planned, locate)
    line = data.line(view, LOGITS)
    top = max([line[""]["high"].max(), fan["high"].max(), 0.0], key=lambda value: value if value == value else 0.0)
    out.add("logits", {**line, ".fan": fan, ".limit": diagnosis.limits(top)})
    said = out.signals[LOGITS]
    note = sampled(out.run, said).removeprefix(" · ")
    note = " · ".join(filter(None, ["violet: where the trend goes, 90 %" if len(fan) else "", note]))
    look = replace(out.look, log_y=True)
    out.panels.append(crossing(look, "logits", "Largest attention logit", unit=said.unit, note=note))


def telling(signals: dict, found: Health | None) -> list[str]:
    """The heat maps to begin with: of what the detectors used that found something, else the usual one."""
    maps = mapped(signals)
    kinds = {f.kind for episode in (found.episodes if found else ()) if episode.severity for f in episode.findings}
    used = [name for kind, detector in discover().items() if kind in kinds for name in detector.signals]
    first = [name for name in dict.fromkeys(used) if name in maps]
    return first[:2] or [name for name in USUAL if name in maps][:1] or maps[:1]


def maps(run, zoom: Zoom, look: Look, signals: dict, chosen: list[str], opened: str, row: str) -> Drawing:
    """The chosen heat maps, and below the one that was clicked the series behind its `row`."""
    out = Drawing(run, zoom.view, zoom.look("where", look), signals)
    for name in (name for name in chosen if name in signals):
        found = out.map(name, pick=True, row=row if name == opened else "")
        members = found.rows.get(row, []) if found and name == opened else []
        if members:
            of = f"the most extreme {FEW} of {len(members)}" if len(members) > FEW else ""
            out.lines(name, f"{heads(name)}: {short(row, 60)}", of, tuple(members[:FEW]), found.log)
    return out
