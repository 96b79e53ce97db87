"""Names that mean something have their words in one table; any other gets a title from its name."""

import pytest

from barograph.known_series import FAMILIES, SERIES, direction, known


@pytest.mark.parametrize("name", SERIES)
def test_a_known_series_has_a_title_and_a_remedy(name):
    found = known(name)
    assert found.title and found.remedy and found.better in ("lower", "higher", "neither")


@pytest.mark.parametrize("name", FAMILIES)
def test_the_longest_beginning_of_a_name_decides(name):
    assert known(f"{name}_x").remedy == FAMILIES[name]


def test_an_unknown_name_is_titled_and_logged_by_itself():
    assert known("my_metric").title == "My metric" and "run.log(my_metric=...)" in known("my_metric").remedy


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("val_accuracy", "higher"), ("metrics/mAP50-95(B)", "higher"), ("top1", "higher"), ("test.error", "lower"),
        ("eval/rouge", "higher"), ("c4_en_ce", "lower"), ("val perplexity", "lower"), ("loss_scale", "neither"),
        ("accuracy_error", "lower"), ("my_metric", "neither"), ("space", "neither"), ("train/bits_per_byte", "lower"),
    ],
)  # fmt: skip
def test_the_words_of_a_name_say_which_way_is_better(name, better):
    assert direction(name) == better == known(name).better
