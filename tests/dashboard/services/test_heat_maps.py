"""Heat maps: rows that fit, cells against a slow oracle, and colours that neither hide nor drown."""

import numpy as np
import pytest

from barograph.dashboard.services import heat_maps
from barograph.dashboard.services.frames import View
from barograph.db import Description, Run, Store
from tests.dashboard import made_up

HEADS = tuple((f"blocks.{layer}", str(head)) for layer in range(32) for head in range(32))


def put(store, signal, values: dict, better="neither", steps=None, axes=("layer", "head")):
    steps = np.arange(len(next(iter(values.values())))) if steps is None else steps
    points = {(signal, *part): (steps, table) for part, table in values.items()}
    store.append(Run("r", "r", state="finished"), points, descriptions=[Description(signal, better=better, axes=axes)])


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs.db")


def test_every_part_is_a_row_where_there_is_room():
    parts = tuple((name,) for name in made_up.LAYERS)
    assert list(heat_maps.grouped(parts).items()) == [(name, [(name,)]) for name in made_up.LAYERS]


def test_a_thousand_heads_are_a_row_a_layer_and_the_tensors_of_a_deep_model_a_row_a_block():
    rows = heat_maps.grouped(HEADS)
    assert list(rows) == [f"blocks.{layer}" for layer in range(32)] and {len(m) for m in rows.values()} == {32}
    kinds = ("self_attn.q_proj.weight", "self_attn.k_proj.weight", "mlp.up.weight", "norm.weight")
    tensors = [f"model.layers.{i}.{kind}" for i in range(40) for kind in kinds]
    rows = heat_maps.grouped((("model.embed.weight",), *((name,) for name in tensors)))
    assert list(rows)[:3] == ["model.embed.weight", "model.layers.0", "model.layers.1"] and len(rows) == 41


def test_parts_without_a_common_beginning_are_cut_and_long_names_are_short():
    assert len(heat_maps.grouped(tuple((f"task {i}",) for i in range(500)))) == heat_maps.MOST
    (name,) = heat_maps.grouped((("x" * 10_000,),))
    assert len(name) == heat_maps.LONGEST


def test_the_map_keeps_the_models_order_and_the_spike(tmp_path):
    run = made_up.finished(tmp_path / "runs.db")
    found = heat_maps.heat(Store(tmp_path / "runs.db"), View(run), "grad_norm_tensor")
    assert tuple(found.rows) == tuple(dict.fromkeys(found.frame["part"])) == made_up.LAYERS
    hottest = found.frame.loc[found.frame["high"].idxmax()]
    assert hottest["part"] == made_up.LAYERS[5] and hottest["from_step"] < 850 and hottest["to_step"] > 750


def test_cells_of_several_parts_are_their_extremes_and_mean(store):
    rng = np.random.default_rng(0)
    values = {part: rng.gamma(2, 1, 20) for part in HEADS[:90]}
    values[HEADS[1]][7] = np.nan
    put(store, "logit", values)
    found = heat_maps.heat(store, View("r"), "logit")
    assert list(found.rows) == ["blocks.0", "blocks.1", "blocks.2"]
    for cell in found.frame.itertuples():
        inside = np.array([values[p][cell.from_step : cell.to_step + 1] for p in found.rows[cell.part]])
        assert (cell.low, cell.high) == (np.nanmin(inside), np.nanmax(inside))
        assert cell.mean == pytest.approx(np.nanmean(inside))
    assert found.rows["blocks.0"] == sorted(HEADS[:32], key=lambda part: -np.nanmax(values[part]))


def test_where_higher_is_better_the_lowest_is_shown(store):
    put(store, "entropy", {part: np.array([1.0, 2.0, 3.0]) for part in HEADS[:2]}, better="higher")
    found = heat_maps.heat(store, View("r"), "entropy")
    assert found.shows == "low" and (found.frame["shade"] == found.frame["low"]).all()


def test_a_row_that_runs_away_differs_and_a_wild_value_does_not_drown_the_rest():
    rng = np.random.default_rng(0)
    calm = rng.uniform(1.0, 1.2, 7900)
    away = np.concatenate([calm, np.full(100, 1000.0)])
    shade, log = heat_maps.shaded(away)
    assert log and shade[-1] > 3 * calm.max() and (shade[:-100] == calm).all()
    shade, log = heat_maps.shaded(np.append(10 ** rng.uniform(0, 2, 5000), 1e30))
    assert log and shade.max() < 1e6 and np.ptp(np.log10(shade[:-1])) == pytest.approx(2, abs=0.05)


def test_zeros_are_the_lowest_colour_and_signs_need_a_linear_one():
    shade, log = heat_maps.shaded(np.append(np.geomspace(1, 100, 99), 0.0))
    assert log and shade[-1] == shade.min() == 1
    shade, log = heat_maps.shaded(np.append(np.zeros(1000), 0.3))
    assert not log and (shade.min(), shade.max()) == (0, 0.3)
    assert not heat_maps.shaded(np.array([-1.0, 1.0, 2.0]))[1]


def test_nothing_finite_is_an_empty_map(store):
    put(store, "logit", {part: np.full(5, np.nan) for part in HEADS[:3]})
    found = heat_maps.heat(store, View("r"), "logit")
    assert not len(found.frame) and not len(found.outline("blocks.0 / 0"))


def test_the_outline_spans_the_row(store):
    put(store, "logit", {part: np.arange(1.0, 9.0) for part in HEADS[:3]})
    found = heat_maps.heat(store, View("r"), "logit")
    (row,) = found.outline("blocks.0 / 1").itertuples()
    assert (row.from_x, row.part) == (0, "blocks.0 / 1") and row.to_x >= 7
