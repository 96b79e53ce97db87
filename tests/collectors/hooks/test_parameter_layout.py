"""Names and order of an optimizer's parameters."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from barograph.collectors.hooks.parameter_layout import ParameterLayout, clean, token_tables


def test_the_models_order_and_names_whatever_the_optimizers():
    model = nn.ModuleDict({"a": nn.Linear(2, 3), "b": nn.Linear(3, 2)})
    groups = [{"params": [model["b"].bias]}, {"params": [model["a"].weight, nn.Parameter(torch.ones(1))]}]
    layout = ParameterLayout(torch.optim.SGD(groups, lr=0.1), model)
    assert layout.names == ("a.weight", "b.bias", "group1.1") and layout.group_of == [1, 0, 1]
    assert layout.subset((0, 2)) is layout.subset((0, 2)) == ("a.weight", "group1.1")
    modules, owner = layout.modules(layout.names)
    assert modules == ("a", "b", "group1") and owner.tolist() == [0, 1, 2]


def test_tables_of_tokens_and_the_output_layer():
    model = nn.ModuleDict({"in": nn.Embedding(7, 2), "mid": nn.Linear(2, 2), "out": nn.Linear(2, 7)})
    tables, outputs = token_tables(model)
    assert tables == {id(model["in"].weight)} and outputs == {id(model["out"].weight), id(model["out"].bias)}
    assert token_tables(nn.Linear(2, 2)) == (set(), set())


@pytest.mark.parametrize("name", ["module.a.weight", "_orig_mod.a.weight", "a._checkpoint_wrapped_module.weight"])
def test_wrappers_leave_no_trace_in_a_name(name):
    assert clean(name) == "a.weight"
