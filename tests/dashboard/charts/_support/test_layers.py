"""The layers of all panels: events, points that are not finite, abandoned attempts, the hover rule, headings."""

import altair as alt

from barograph.dashboard.charts._support import layers
from barograph.dashboard.charts.look import Look


def test_events_stand_out_where_they_are_urgent():
    rule = layers.events(Look()).to_dict()
    assert rule["data"] == {"name": "events"} and rule["encoding"]["color"]["scale"]["domain"] == ["yes", "no"]


def test_points_that_are_not_finite_are_marked_at_the_top_with_their_number():
    mark = layers.bad(Look(), "loss.bad").to_dict()
    assert mark["encoding"]["y"] == {"value": 5}
    assert [tip["title"] for tip in mark["encoding"]["tooltip"]] == ["step", "not finite", "of points"]


def test_abandoned_attempts_are_dashed():
    assert layers.abandoned(Look(), "loss.old").to_dict()["mark"]["strokeDash"] == [4, 2]


def test_the_hover_rule_is_named_by_its_data_and_hears_the_pointer():
    (param,) = layers.hover(Look("tokens"), "a.b", [layers.tip("mean", "mean")]).to_dict()["params"]
    assert param["name"] == "hover_a_b" and param["select"]["nearest"] is True


def test_a_tooltip_begins_with_the_place_on_the_axis():
    assert [tip["title"] for tip in (t.to_dict() for t in layers.where(Look("tokens")))] == ["step", "tokens"]
    assert [tip["title"] for tip in (t.to_dict() for t in layers.where(Look()))] == ["step"]


def test_a_heading_has_its_unit_and_its_note():
    found = layers.title("Loss", "nats", "a note").to_dict()
    assert (found["text"], found["subtitle"]) == ("Loss (nats)", "a note")
    assert "subtitle" not in layers.title("x" * 500).to_dict() and len(layers.title("x" * 500).to_dict()["text"]) == 120


def test_on_a_phone_a_panel_gives_its_width_to_the_plot():
    long = alt.Legend(columns=4, labelLimit=260, title=None)
    mark = layers.of("loss").mark_line().encode(color=alt.Color("part", type="nominal", legend=long))
    found = layers.panel([mark], 100, layers.title("Loss", note="'blue': training · orange: validation"))
    narrow = layers.NARROW
    note = "\"'blue': training \\u00b7 orange: validation\""
    assert found["title"]["subtitle"] == {"expr": f"{narrow} ? split({note}, ' · ') : {note}"}
    legend = found["layer"][0]["encoding"]["color"]["legend"]
    assert legend["columns"] == {"expr": f"{narrow} ? 1 : 4"}
    assert legend["labelLimit"] == {"expr": f"{narrow} ? 84 : 260"}
