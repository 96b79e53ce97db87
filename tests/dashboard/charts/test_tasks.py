"""The accuracy of every task."""

import pytest

from barograph.dashboard.charts.look import Look
from barograph.dashboard.charts.tasks import FEW, tasks
from tests.dashboard.charts.samples import marks, of


@pytest.mark.parametrize(("count", "field"), [(FEW, "part"), (FEW + 1, "order")])
def test_few_tasks_have_colours_of_their_own_and_many_are_shaded_in_order(count, field):
    panel = tasks(Look(), "t", "Accuracy", count=count)
    line = of(panel, "line", "t")
    assert line["color"]["field"] == field and line["detail"]["field"] == "part"
    assert marks(panel)[-1] == ("text", "tags"), "the names of the visits are in front"
