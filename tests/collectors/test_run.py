"""What a run shows its users: verbs, and one name that is not for them."""

from __future__ import annotations

from barograph.collectors import watch

FOR_USERS = {
    "id", "name", "log", "event", "evaluate", "begin_task", "end_task", "predictions", "alignment", "attention",
    "logits", "step", "over", "should_stop", "stop_reason", "finish",
}  # fmt: skip


def test_a_run_shows_its_verbs_and_hides_its_machinery_behind_one_name(writers):
    run = watch()
    assert {name for name in dir(run) if not name.startswith("_")} == FOR_USERS
    assert [name for name in vars(run) if name.startswith("_")] == ["_machinery"]
    run.finish()


def test_leaving_it_by_an_exception_ends_it_as_stopped(writers):
    try:
        with watch() as run:
            run.log(loss=1.0)
            raise KeyError("lost")
    except KeyError:
        pass
    assert writers[0].state == "stopped" and writers[0].events[-1].text == "KeyError: 'lost'"
    assert run.over and run.step == 1
