"""Reading folders of loss curves."""

import subprocess
import sys

import pytest

from barograph.dashboard.analysis.forecasting.curve_folders import read_set
from tests.dashboard.analysis.forecasting.folders import write


def test_rows_without_a_loss_still_give_their_lr(tmp_path):
    write(tmp_path / "mine")
    (curve,) = read_set(tmp_path / "mine")
    assert curve.steps.tolist() == [0, 20, 40, 60, 80, 100] and curve.schedule.eta[4] == pytest.approx(5e-4)
    assert curve.setup.project == "mine" and curve.setup.name == "small" and curve.truth == 3.0 and curve.end == 100


@pytest.mark.parametrize("schedule, window, truth, end", [("cosine", "", 3.2, 80), ("cosine", 30, 3.1, 90)])
def test_the_final_loss_and_the_step_it_belongs_to(tmp_path, schedule, window, truth, end):
    write(tmp_path / "mine", schedule, window)
    (curve,) = read_set(tmp_path / "mine")
    assert curve.truth == pytest.approx(truth) and curve.end == end


def test_a_folder_without_an_index_says_what_is_expected(tmp_path):
    with pytest.raises(ValueError, match="index.csv"):
        read_set(tmp_path)


def test_the_room_needs_numpy_and_scipy_only():
    code = (
        "import sys, barograph.dashboard.analysis.forecasting\n"
        "heavy = {'torch', 'streamlit', 'pandas', 'sqlalchemy', 'altair', 'db'}; "
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
