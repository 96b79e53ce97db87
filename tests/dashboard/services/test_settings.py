"""`barograph.toml`: read as meant, or refused in one sentence that names what is wrong."""

import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.dashboard.services.settings import Settings, read

WHOLE = """
[alerts]
urls = ["json://user:secret@host/", "mailto://a:b@example.org"]
severity = "watch"
interval = 60
link = "https://barograph.example/"
[stop]
kinds = ["non_finite"]
"""


def test_it_stands_beside_the_store_or_where_the_environment_says(tmp_path, monkeypatch):
    store = tmp_path / "runs.db"
    assert read(store) == Settings(tmp_path / "barograph.toml")
    (tmp_path / "barograph.toml").write_text(WHOLE)
    found = read(store)
    assert found.urls == ("json://user:secret@host/", "mailto://a:b@example.org")
    assert found.services == ("json", "mailto")
    assert (found.severity, found.interval, found.link) == (Severity.WATCH, 60.0, "https://barograph.example")
    assert found.stop == {"non_finite"}
    monkeypatch.setenv("BAROGRAPH_CONFIG", str(tmp_path / "other.toml"))
    assert read(store) == Settings(tmp_path / "other.toml")


@pytest.mark.parametrize(
    "text, why",
    [
        ("[alerts\n", "is no TOML: "),
        ("[alarms]\n", "alarms is not known; expected .alerts. with urls"),
        ("[alerts]\nurl = 'x'", "url is not known"),
        ("alerts = 3", "expected a section .alerts."),
        ("[alerts]\nurls = 'json://x'", "alerts.urls, expected a list"),
        ("[alerts]\nurls = [3]", "alerts.urls, expected a list"),
        ("[alerts]\nseverity = 'loud'", "severity = 'loud', expected one of note, watch, act"),
        ("[alerts]\nseverity = ['act']", "severity = .*, expected one of note, watch, act"),
        ("[alerts]\ninterval = " + "9" * 5000, "is no TOML: "),
        ("[alerts]\nurls = " + "[" * 5000, "is no TOML: "),
        ("[stop]\nkinds = [['divergence']]", "stop.kinds, expected a list"),
        ("[alerts]\ninterval = -1", "interval = -1, expected seconds"),
        ("[alerts]\ninterval = nan", "interval = nan, expected seconds"),
        ("[alerts]\nlink = 'barograph'", "link = 'barograph', expected the dashboard's address"),
        ("[stop]\nkinds = ['bad luck']", "bad luck is none of .*non_finite"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(tmp_path, text, why):
    (tmp_path / "barograph.toml").write_text(text)
    with pytest.raises(ValueError, match=f"barograph.toml.*{why}") as caught:
        read(tmp_path / "runs.db")
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path):
    (tmp_path / "barograph.toml").mkdir()
    with pytest.raises(ValueError, match="barograph.toml cannot be read"):
        read(tmp_path / "runs.db")
