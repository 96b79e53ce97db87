"""Alerts, against a server on this machine: once an episode, not too often, with a link, and nobody waits for them."""

import json
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.episodes import episodes
from barograph.dashboard.analysis.detectors.finding import Severity
from barograph.dashboard.services.alerts import sender as alerts
from barograph.dashboard.services.alerts.sender import Alerts, NotSent, message, new_episodes, send
from barograph.dashboard.services.health import Health
from barograph.dashboard.services.settings import Settings, read
from barograph.db import Finding, Run, Store


class Post(ThreadingHTTPServer):
    """Keeps the JSON that is posted to it; answers 500 `refuse` times first."""

    def __init__(self):
        self.posts, self.refuse = [], 0
        post = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                refused, post.refuse = post.refuse > 0, post.refuse - 1
                if not refused:
                    post.posts.append(said)
                self.send_response(500 if refused else 200)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server_port}/"


@pytest.fixture
def post():
    server = Post()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(tmp_path, post):
    (tmp_path / "barograph.toml").write_text(
        f'[alerts]\nurls = ["{post.url}"]\ninterval = 0.2\nlink = "http://here:8501/"\n'
    )
    store = Store(tmp_path / "runs.db")
    store.append(Run("r-1", "llama 110m"), {"loss": (np.arange(2000), np.linspace(3, 2, 2000))})
    return store


def spike(first: int, severity: int = 2, kind: str = "loss_spike", **more) -> Finding:
    return Finding(
        kind, "", first, first, first, Severity(severity), f"The loss jumped at {first}.", "Go back.", **more
    )


def healthy(store, *findings) -> Health:
    """What the run's health would be, were these findings made in it."""
    store.find("r-1", findings)
    found = [replace(f, severity=Severity(f.severity)) for f in store.findings("r-1")]
    return Health(store.run("r-1"), tuple(found), tuple(episodes(found)), "", (), 2000)


def eventually(found, seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def telling(store):
    made = Alerts(store)
    yield made
    made.stop()
    assert made._thread is None or not made._thread.is_alive()


def test_a_message_has_words_a_link_and_a_picture(store, post, telling):
    telling.tell(healthy(store, spike(1500)), read(store.path))
    assert eventually(lambda: post.posts)
    (said,) = post.posts
    assert said["title"] == "Barograph: loss spike in llama 110m"
    assert said["message"].splitlines() == [
        "The loss jumped at 1500.", "Go back.", "Run llama 110m, step 1,500.", "http://here:8501/Run?run=r-1"
    ]  # fmt: skip
    (picture,) = said["attachments"]
    assert picture["filename"] == "loss.png" and picture["base64"].startswith("iVBOR"), "a PNG"


def test_once_an_episode_also_after_a_restart(store, post, telling):
    wanted = read(store.path)
    for _ in range(5):
        telling.tell(healthy(store, spike(1500)), wanted)
        time.sleep(0.1)
    assert eventually(lambda: store.findings("r-1")[0].told)
    telling.tell(healthy(store, spike(1500), spike(1520, kind="divergence")), wanted)
    again = Alerts(store)
    again.tell(healthy(store), wanted)
    time.sleep(0.4)
    again.stop()
    assert len(post.posts) == 1, "the divergence belongs to the episode"
    telling.tell(healthy(store, spike(100)), wanted)
    assert eventually(lambda: len(post.posts) == 2)


def test_an_episode_that_becomes_graver_is_told_again(store, post, telling):
    wanted = replace(read(store.path), severity=Severity.WATCH)
    telling.tell(healthy(store, spike(1500, 1)), wanted)
    assert eventually(lambda: store.findings("r-1")[0].told)
    telling.tell(healthy(store, spike(1500, 1)), wanted)
    telling.tell(healthy(store, spike(1500, 2)), wanted)
    assert eventually(lambda: len(post.posts) == 2)
    assert eventually(lambda: store.findings("r-1")[0].told)
    assert not new_episodes(healthy(store), Severity.WATCH)


def test_what_comes_too_soon_waits_and_goes_as_one(store, post, telling):
    wanted = replace(read(store.path), interval=0.2)
    telling.tell(healthy(store, spike(100)), wanted)
    assert eventually(lambda: len(post.posts) == 1)
    before = time.monotonic()
    telling.tell(healthy(store, spike(600), spike(1100), spike(1600)), wanted)
    assert eventually(lambda: len(post.posts) == 2)
    assert "2 more episodes in this run." in post.posts[1]["message"] and time.monotonic() - before < 8
    time.sleep(0.4)
    assert len(post.posts) == 2


def test_only_what_is_grave_enough_and_not_judged():
    findings = [
        spike(100, 1),
        spike(600, judgement="acknowledged"),
        spike(1100, kind="non_finite", judgement="silenced"),
    ]
    findings += [spike(1600, kind="non_finite"), spike(2100), spike(2600, 0)]
    health = Health(Run("a", "a"), tuple(findings), tuple(episodes(findings)), "", (), 3000)
    assert [episode.first for episode in new_episodes(health, Severity.ACT)] == [2100], "the silenced kind stays silent"
    assert [episode.first for episode in new_episodes(health, Severity.WATCH)] == [100, 2100]


def test_a_service_that_refuses_is_tried_again_and_said_once(store, post, telling, monkeypatch, caplog):
    monkeypatch.setattr(alerts, "RETRY_SECONDS", 0.1)
    post.refuse = 2
    telling.tell(healthy(store, spike(1500)), read(store.path))
    assert eventually(lambda: post.posts), "without being told once more"
    assert eventually(lambda: store.findings("r-1")[0].told)
    (record,) = [record for record in caplog.records if record.name == "barograph.alerts"]
    assert "reached 0 of 1 services (json: " in record.getMessage()


def test_after_three_tries_it_is_given_up(store, post, telling, monkeypatch):
    monkeypatch.setattr(alerts, "RETRY_SECONDS", 0.05)
    post.refuse = 99
    health, wanted = healthy(store, spike(1500)), read(store.path)
    telling.tell(health, wanted)
    assert eventually(lambda: post.refuse <= 96)
    time.sleep(0.3)
    telling.tell(health, wanted)
    time.sleep(0.3)
    assert post.refuse == 96 and not store.findings("r-1")[0].told


def test_who_tells_does_not_wait_for_a_service(store, telling, monkeypatch):
    monkeypatch.setattr(alerts, "send", lambda *_: time.sleep(1.5))
    before = time.monotonic()
    telling.tell(healthy(store, spike(1500)), read(store.path))
    assert time.monotonic() - before < 1.0


def test_one_service_of_two_is_enough_to_count_as_told(store, post, telling):
    wanted = replace(read(store.path), urls=(post.url, "json://127.0.0.1:1/"))
    (store.path.parent / "barograph.toml").write_text(f'[alerts]\nurls = ["{post.url}", "json://127.0.0.1:1/"]')
    telling.tell(healthy(store, spike(1500)), wanted)
    assert eventually(lambda: store.findings("r-1")[0].told)
    assert len(post.posts) == 1


def test_a_failure_is_one_sentence_without_the_secret():
    for url, why in (("json://me:secret@127.0.0.1:1/", "Connection error"), ("nonsense://secret", "not an address")):
        with pytest.raises(NotSent, match=why) as caught:
            send([url], "title", "body")
        assert "secret" not in str(caught.value) and "\n" not in str(caught.value) and caught.value.reached == 0


def test_a_hostile_name_is_one_short_line():
    run = Run("a b", "a\nb\tc <b>" + "x" * 10_000, steps_planned=5000)
    (episode,) = episodes([spike(1500)])
    title, body = message(run, episode, 1, "http://h")
    assert title.startswith("Barograph: loss spike in a b c <b>xxx") and len(title) < 150 and "\n" not in title
    assert "step 1,500 of 5,000." in body and "1 more episode in this run." in body and body.endswith("/Run?run=a%20b")


def test_the_test_button(store, post):
    assert alerts.test(store.path) == "Sent to json."
    assert post.posts[0]["title"] == "Barograph: a test" and "http://here:8501/Health" in post.posts[0]["message"]
    (store.path.parent / "barograph.toml").unlink()
    with pytest.raises(ValueError, match="nobody to alert: .*barograph.toml names no services"):
        alerts.test(store.path)


def test_nobody_to_alert_is_no_thread(store, telling):
    telling.tell(healthy(store, spike(1500)), Settings(store.path))
    assert telling._thread is None
