"""Reading folders of loss curves, and comparing laws on one run."""

import subprocess
import sys

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import compare, known_laws, shipped
from barograph.dashboard.analysis.forecasting.curve_folders import read_set
from tests.dashboard.analysis.forecasting.synthetic import SETUP, cosine, run


def write(folder, schedule="wsd", window=""):
    (folder / "runs").mkdir(parents=True)
    (folder / "index.csv").write_text(
        "run,file,params,peak_lr,schedule,warmup,total_steps,setup,final_window\n"
        f"one,runs/one.csv,1e6,1e-3,{schedule},10,100,small,{window}\n"
    )
    rows = [f"{step},{min(step / 10, 1) * 1e-3:g},{'' if step % 20 else 4 - step / 100}" for step in range(0, 101, 5)]
    (folder / "runs" / "one.csv").write_text("\n".join(["step,lr,loss", *rows]))


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


def test_laws_side_by_side_find_the_one_that_made_the_run():
    steps, losses, final = run(cosine(), noise=3e-4)
    compared = compare(steps, losses, cosine(), setup=SETUP, library=shipped())
    assert compared[0].law.name == "river" and {one.law.name for one in compared} == set(known_laws())
    assert compared[0].final.mid == pytest.approx(final, rel=1e-3)
    assert compared[0].final.low < compared[0].final.mid < compared[0].final.high
    assert np.std(compared[0].residuals[compared[0].steps > 3_000]) < 1e-3


def test_the_room_needs_numpy_and_scipy_only():
    code = (
        "import sys, barograph.dashboard.analysis.forecasting\n"
        "heavy = {'torch', 'streamlit', 'pandas', 'sqlalchemy', 'altair', 'db'}; "
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
