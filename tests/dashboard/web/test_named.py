"""A control shows proper names, and the address holds ids."""

from streamlit.testing.v1 import AppTest

CODE = """
from barograph.dashboard.web import named
from barograph.db import Description

signals = {name: Description(name, title=title, parts=((),)) for name, title in
           {"loss": "Loss", "z": "Norm", "a": "Norm", "lr": "Learning rate"}.items()}
called = named.names(signals, list(signals))
named.one("Signal", list(signals), "signal", called)
named.several("More", list(signals), "more", called, ["a"])
"""


def test_names_are_shown_and_ids_are_kept():
    test = AppTest.from_string(CODE).run()
    assert list(test.selectbox[0].options) == ["Loss", "Norm (z)", "Norm (a)", "Learning rate"]
    assert dict(test.query_params) == {} and test.multiselect[0].value == ["a"], "what is usual is not written"
    test.selectbox[0].set_value("lr").run()
    test.multiselect[0].set_value(["z", "loss"]).run()
    assert dict(test.query_params) == {"signal": "lr", "more": ["z", "loss"]}

    again = AppTest.from_string(CODE)
    again.query_params["signal"], again.query_params["more"] = "lr", ["z", "loss"]
    again.run()
    assert again.selectbox[0].value == "lr" and again.multiselect[0].value == ["z", "loss"]


def test_an_unknown_name_in_the_address_is_none():
    test = AppTest.from_string(CODE)
    test.query_params["signal"] = "nonsense"
    test.run()
    assert test.selectbox[0].value == "loss" and not test.exception
