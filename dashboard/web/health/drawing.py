"""The charts of the Health page: what happened and when, and where in the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from ....db.records import Description, Finding, Run
from ....formatting import short
from ...analysis.detectors import discover
from ...charts.crossing import crossing
from ...charts.look import Look
from ...charts.timeline import spans, timeline
from ...services.frames import place
from ...services.health import Health
from .. import cache
from ..run.drawing import FEW, Drawing, sampled
from ..run.view import mapped, title
from ..zoom import Zoom
from . import view
from .view import Span

LOGITS = "attn_logit_peak"
USUAL = ("attn_logit_max", "grad_norm_tensor", "grad_norm_module")
LANES = (
    "red: act · orange: watch · blue: note · gray: expected · lighter: followed from it · faint: reviewed · "
    "arrow: still going on"
)


def story(
    run: Run, zoom: Zoom, look: Look, signals: Mapping[str, Description], found: Health | None, ahead: bool
) -> Drawing:
    """Episodes above the loss, the gradient norm and the attention logits, whose projection is drawn if `ahead`."""
    last = run.last_step or 0
    look = zoom.look("story", look)
    out = Drawing(run, zoom.view, look, signals)
    span = Span(zoom.view.lo or 0, zoom.view.hi if zoom.view.hi is not None else last)
    locate = partial(place, cache.store(), zoom.view)
    known = list(found.episodes) if found else []
    out.frames["episodes"] = view.shades(known, span, locate)
    out.loss(height=190)
    out.first_of(("grad_norm", "grad_norm_applied"))
    if LOGITS in signals:
        _logits(out, span, locate, found.findings if found and ahead else ())
    out.panels = [spans(panel, look) for panel in out.panels]
    if known:
        lanes = view.timeline(known, span, locate)
        out.add("timeline", lanes)
        kinds = {f.kind for episode in known for f in episode.findings}
        out.panels.insert(0, timeline(look, lanes=len(kinds), note=LANES))
    return out


def _logits(out: Drawing, span: Span, locate: view.Locate, findings: Sequence[Finding]) -> None:
    fan = view.fan(view.crossing(findings), span, out.run.steps_planned, locate)
    line = cache.line(replace(out.view, log_y=True), LOGITS)
    top = max([line[""]["high"].max(), fan["high"].max(), 0.0], key=lambda value: value if value == value else 0.0)
    out.add("logits", {**line, ".fan": fan, ".limit": view.limits(top)})
    described = out.signals[LOGITS]
    note = sampled(out.run, described).removeprefix(" · ")
    note = " · ".join(filter(None, ["violet: where the trend goes, 90 %" if len(fan) else "", note]))
    look = replace(out.look, log_y=True)
    out.panels.append(crossing(look, "logits", "Largest attention logit", unit=described.unit, note=note))


def first_maps(signals: Mapping[str, Description], found: Health | None) -> list[str]:
    """The heat maps to begin with: of what the detectors used that found something, else the usual one."""
    there = mapped(signals)
    kinds = {f.kind for episode in (found.episodes if found else ()) if episode.severity for f in episode.findings}
    used = [name for kind, detector in discover().items() if kind in kinds for name in detector.signals]
    first = [name for name in dict.fromkeys(used) if name in there]
    return first[:2] or [name for name in USUAL if name in there][:1] or there[:1]


def maps(
    run: Run,
    zoom: Zoom,
    look: Look,
    signals: Mapping[str, Description],
    chosen: Sequence[str],
    opened: str,
    row: str,
) -> Drawing:
    """The chosen heat maps, and below the one that was clicked the series behind its `row`."""
    out = Drawing(run, zoom.view, zoom.look("where", look), signals)
    for name in (name for name in chosen if name in signals):
        found = out.map(name, pick=True, row=row if name == opened else "")
        members = found.rows.get(row, []) if found and name == opened else []
        if found and members:
            of = f"the most extreme {FEW} of {len(members)}" if len(members) > FEW else ""
            out.lines(name, f"{title(signals, name)}: {short(row, 60)}", of, tuple(members[:FEW]), found.log)
    return out
