"""Which runs a scaling law is fitted to."""

import numpy as np

from barograph.db import Run, Store
from tests.dashboard import made_up_forecast, made_up_scaling
from tests.dashboard.web.seen import spoken

PAGE = "pages/07_Scaling.py"


def test_one_run_is_too_few(app, tmp_path):
    made_up_forecast.finished(tmp_path / "runs.db")
    assert "1 usable run: the Chinchilla law has 5 constants" in spoken(app())


def test_setups_are_not_mixed_unless_told(app, tmp_path):
    made_up_scaling.ladder(tmp_path / "runs.db")
    made_up_scaling.ladder(tmp_path / "runs.db", "other", {"data": {"dataset": "pile"}}, end=0.8)
    test = app()
    (setups,) = (box for box in test.multiselect if box.label == "Setup")
    assert len(setups.options) == 2 and len(setups.value) == 1
    setups.set_value(["ladder · validation loss", "other · validation loss · data.dataset=pile"]).run()
    assert "2 setups" in spoken(test) and "Ended above half of the peak learning rate" in spoken(test)
    test.toggle[0].set_value(True).run()
    assert "40 runs" in spoken(test)


def test_an_imported_ladder_finds_its_loss_its_sizes_and_its_tokens(app, tmp_path):
    store, steps = Store(tmp_path / "runs.db"), np.arange(1, 101)
    for i, (params, tokens, loss) in enumerate(zip(*made_up_scaling.table(), strict=True)):
        points = {"c4_en_ce": (steps, loss + 3 / steps - 0.03), "tokens": (steps, tokens * steps / 100)}
        store.append(Run(f"r{i}", f"{params / 1e6:g}M-{i}", state="finished"), points)
    test = app()
    assert not test.exception and "Its size was read from its name" in spoken(test)
    assert next(box for box in test.selectbox if box.label == "Loss").value == "c4_en_ce"
    (constants,) = (frame.value for frame in test.dataframe if "constant" in frame.value)
    constants = constants.set_index("constant")
    assert constants.loc["E", "90 % low"] < 1.8 < constants.loc["E", "90 % high"]


def test_a_table_from_elsewhere_is_mapped(app, tmp_path):
    made_up_forecast.finished(tmp_path / "runs.db")
    params, tokens, loss = made_up_scaling.table()
    rows = ["model,N,D,loss_c4,loss_code"]
    rows += [f"m{i},{n},{d},{y},1" for i, (n, d, y) in enumerate(zip(params, tokens, loss, strict=True))]
    test = app(source="a table (CSV)")
    test.file_uploader[0].upload("runs.csv", "\n".join(rows).encode(), "text/csv").run()
    assert not test.exception
    shown = {box.label: box.value for box in test.selectbox}
    assert (shown["Final loss"], shown["Parameters"], shown["Tokens"]) == ("loss_c4", "N", "D")
    assert "20 runs; single runs scatter" in spoken(test)
