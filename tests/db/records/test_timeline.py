"""What happened to a run at a step."""

from barograph.db import Evaluation, Event


def test_two_events_share_no_data_and_an_evaluation_is_of_the_raw_weights():
    one, other = Event(1, "note"), Event(1, "note")
    assert one == other
    one.data["x"] = 1
    assert other.data == {} and Evaluation(1, "t", "accuracy", 0.5).weights == "raw"
