"""Alerts, against a server on this machine: once an episode, not too often, with a link, and nobody waits for them."""

import time
from dataclasses import replace

import pytest

from barograph.dashboard.analysis.detectors.episodes import episodes
from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.dashboard.services.alerts import sender
from barograph.dashboard.services.alerts.message import new_episodes
from barograph.dashboard.services.alerts.sender import Alerts
from barograph.dashboard.services.health import Health
from barograph.dashboard.services.settings import Settings, read
from tests.dashboard.services.alerts.inbox import eventually
from tests.dashboard.services.alerts.samples import spike


def healthy(store, *findings) -> Health:
    """What the run's health would be, were these findings made in it."""
    store.findings.save("r-1", findings)
    found = [replace(f, severity=Severity(f.severity)) for f in store.findings("r-1")]
    return Health(store.run("r-1"), tuple(found), tuple(episodes(found)), "", (), 2000)


@pytest.fixture
def alerts(store):
    made = Alerts(store)
    yield made
    made.stop()
    assert not made.worker.alive


def test_a_message_has_words_a_link_and_a_picture(store, inbox, alerts):
    alerts.notify(healthy(store, spike(1500)), read(store.path))
    assert eventually(lambda: inbox.posts)
    (said,) = inbox.posts
    assert said["title"] == "Barograph: loss spike in llama 110m"
    assert said["message"].splitlines() == [
        "The loss jumped at 1500.", "Go back.", "Run llama 110m, step 1,500.", "http://here:8501/Run?run=r-1"
    ]  # fmt: skip
    (picture,) = said["attachments"]
    assert picture["filename"] == "loss.png" and picture["base64"].startswith("iVBOR"), "a PNG"


def test_once_an_episode_also_after_a_restart(store, inbox, alerts):
    wanted = read(store.path)
    for _ in range(5):
        alerts.notify(healthy(store, spike(1500)), wanted)
        time.sleep(0.1)
    assert eventually(lambda: store.findings("r-1")[0].alerted)
    alerts.notify(healthy(store, spike(1500), spike(1520, kind="divergence")), wanted)
    again = Alerts(store)
    again.notify(healthy(store), wanted)
    time.sleep(0.4)
    again.stop()
    assert len(inbox.posts) == 1, "the divergence belongs to the episode"
    alerts.notify(healthy(store, spike(100)), wanted)
    assert eventually(lambda: len(inbox.posts) == 2)


def test_an_episode_that_becomes_graver_is_told_again(store, inbox, alerts):
    wanted = replace(read(store.path), severity=Severity.WATCH)
    alerts.notify(healthy(store, spike(1500, 1)), wanted)
    assert eventually(lambda: store.findings("r-1")[0].alerted)
    alerts.notify(healthy(store, spike(1500, 1)), wanted)
    alerts.notify(healthy(store, spike(1500, 2)), wanted)
    assert eventually(lambda: len(inbox.posts) == 2)
    assert eventually(lambda: store.findings("r-1")[0].alerted)
    assert not new_episodes(healthy(store), Severity.WATCH)


def test_what_comes_too_soon_waits_and_goes_as_one(store, inbox, alerts):
    wanted = replace(read(store.path), interval=0.2)
    alerts.notify(healthy(store, spike(100)), wanted)
    assert eventually(lambda: len(inbox.posts) == 1)
    before = time.monotonic()
    alerts.notify(healthy(store, spike(600), spike(1100), spike(1600)), wanted)
    assert eventually(lambda: len(inbox.posts) == 2)
    assert "2 more episodes in this run." in inbox.posts[1]["message"] and time.monotonic() - before < 8
    time.sleep(0.4)
    assert len(inbox.posts) == 2


def test_a_service_that_refuses_is_tried_again_and_said_once(store, inbox, alerts, monkeypatch, caplog):
    monkeypatch.setattr(sender, "RETRY_SECONDS", 0.1)
    inbox.refuse = 2
    alerts.notify(healthy(store, spike(1500)), read(store.path))
    assert eventually(lambda: inbox.posts), "without being told once more"
    assert eventually(lambda: store.findings("r-1")[0].alerted)
    (record,) = [record for record in caplog.records if record.name == "barograph.alerts"]
    assert "reached 0 of 1 services (json: " in record.getMessage()


def test_after_three_tries_it_is_given_up(store, inbox, alerts, monkeypatch):
    monkeypatch.setattr(sender, "RETRY_SECONDS", 0.05)
    inbox.refuse = 99
    health, wanted = healthy(store, spike(1500)), read(store.path)
    alerts.notify(health, wanted)
    assert eventually(lambda: inbox.refuse <= 96)
    time.sleep(0.3)
    alerts.notify(health, wanted)
    time.sleep(0.3)
    assert inbox.refuse == 96 and not store.findings("r-1")[0].alerted


def test_who_tells_does_not_wait_for_a_service(store, alerts, monkeypatch):
    monkeypatch.setattr(sender, "send", lambda *_: time.sleep(1.5))
    before = time.monotonic()
    alerts.notify(healthy(store, spike(1500)), read(store.path))
    assert time.monotonic() - before < 1.0


def test_one_service_of_two_is_enough_to_count_as_told(store, inbox, alerts):
    wanted = replace(read(store.path), urls=(inbox.url, "json://127.0.0.1:1/"))
    (store.path.parent / "barograph.toml").write_text(f'[alerts]\nurls = ["{inbox.url}", "json://127.0.0.1:1/"]')
    alerts.notify(healthy(store, spike(1500)), wanted)
    assert eventually(lambda: store.findings("r-1")[0].alerted)
    assert len(inbox.posts) == 1


def test_nobody_to_alert_is_no_thread(store, alerts):
    alerts.notify(healthy(store, spike(1500)), Settings(store.path))
    assert not alerts.worker.started
