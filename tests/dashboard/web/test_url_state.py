"""A view is a link: what the address holds is what is shown, and nonsense in it is nothing."""

import pytest
from streamlit.testing.v1 import AppTest

from barograph.dashboard.web.url_state import Range


def script(address: dict[str, str], code: str) -> AppTest:
    test = AppTest.from_string("from barograph.dashboard.web import url_state\n" + code)
    for name, value in address.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception
    return test


@pytest.mark.parametrize(("address", "found"), [
    ({"from": "5", "to": "9"}, Range(5, 9)), ({"from": "5"}, Range(5, None)), ({"from": "9", "to": "5"}, Range()),
    ({"from": "x", "to": "1e9"}, Range()), ({}, Range()),
])  # fmt: skip
def test_the_range_of_steps(address, found):
    test = script(address, "import streamlit as st\nst.session_state['found'] = url_state.steps()")
    assert test.session_state["found"] == found and bool(found) == (found != Range())


def test_what_is_kept_is_written_and_what_is_usual_is_taken_out():
    code = "url_state.keep_steps(url_state.Range(3, None))\nurl_state.keep_runs(['a', 'b'])\n"
    code += "url_state.keep_whole('at', 7, 7)\nurl_state.keep_cell('map', '')\nurl_state.keep_futures(['keep'])"
    test = script({"to": "9", "at": "3", "row": "x"}, code)
    found = dict(test.query_params)
    assert found == {"from": "3", "runs": "a,b", "map": "map", "future": "keep"}


def test_a_whole_number_stays_within_its_limits():
    code = "import streamlit as st\nst.session_state['found'] = [url_state.whole(n, 5, 1, 9) for n in 'abc']"
    assert script({"a": "70", "b": "x"}, code).session_state["found"] == [9, 5, 5]


RESUMED = "import streamlit as st\nurl_state.resume(st.session_state['at'])\nurl_state.remember()"


def test_a_page_goes_on_with_what_it_had_and_with_what_is_shared():
    test = AppTest.from_string("from barograph.dashboard.web import url_state\n" + RESUMED)

    def come(page: str, address: dict[str, str]) -> dict:
        test.session_state["at"] = page
        test.query_params.clear()
        for name, value in address.items():
            test.query_params[name] = value
        assert not test.run().exception
        return dict(test.query_params)

    shared = {"run": "a", "x": "time", "to": "9"}
    come("Run", {**shared, "logy": "true"})
    assert come("Health", {}) == shared and come("Run", {}) == {**shared, "logy": "true"}
    assert come("Health", {"run": "b"}) == {"run": "b", "x": "time"}, "a range is of one run"
    assert come("Run", {"run": "b", "to": "5"}) == {"run": "b", "to": "5"}, "a whole address is taken as it is"
    assert come("Run", {}) == {"run": "b", "to": "5"}, "the way back never leads to another run"
