"""Panels above each other on one x axis, zoomed together."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from .heat import CELLS

# The plain wheel scrolls the page, so zooming needs a key; a pinch on a touch pad arrives as Ctrl + wheel.
_WHEEL = "wheel![event.ctrlKey || event.altKey || event.shiftKey]"
_ZOOM = {"type": "interval", "encodings": ["x"], "zoom": _WHEEL, "translate": False}
_MARK = {"fill": "gray", "fillOpacity": 0.18, "strokeOpacity": 0}
_BRUSH = {"type": "interval", "encodings": ["x"], "zoom": False, "translate": False, "mark": _MARK}
_CELL = {"type": "point", "fields": ["map", "part"], "on": "click", "toggle": False, "clear": False}


def stack(panels: Sequence[dict], title: str = "step") -> dict:
    """The specification of panels on one shared x axis; drag selects a range, Ctrl + wheel zooms, double click clears.

    `brush` (the range dragged) and `zoom` (bound to the scales) are the selections that the page listens to, and where
    there are heat maps to be clicked `cell`, the map and the part of the last click.
    Renderer and aria are fixed, because Streamlit would otherwise change them with the number of rows and thereby
    build the view anew under the reader's hands. Tooltips are only where a panel asks for them: Streamlit's default,
    one for every mark, made half of a tick's work. Assembled from finished panels, since Altair's own `vconcat` takes
    seconds to join a page of layers.
    """
    views, params, drawn = [], [], []
    for number, panel in enumerate(panels):
        panel = copy.deepcopy({k: v for k, v in panel.items() if k not in ("$schema", "config")})
        params += panel.pop("params", [])
        panel["layer"][0].setdefault("name", f"panel{number}")
        views.append(panel["layer"][0]["name"])
        drawn.append(panel)
    for layer in drawn[-1]["layer"] if drawn else ():
        if "axis" in layer["encoding"].get("x", {}):
            layer["encoding"]["x"]["axis"]["title"] = title
    params += [
        {"name": "zoom", "select": _ZOOM, "bind": "scales", "views": views},
        {"name": "brush", "select": _BRUSH, "views": views},
    ]
    maps = [view for view in views if view.startswith(CELLS)]
    if maps:
        params.append({"name": "cell", "select": _CELL, "views": maps})
    return {
        "vconcat": drawn,
        "params": params,
        "spacing": 14,
        "resolve": {"scale": {"x": "shared", "y": "independent", "color": "independent"}},
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": {"aria": False, "view": {"stroke": None}, "mark": {"tooltip": None}},
        "usermeta": {"embedOptions": {"renderer": "canvas"}},
    }
