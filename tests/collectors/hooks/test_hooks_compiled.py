"""Where graphs are compiled no hook of a signal is on: nothing is compiled anew, and the run says what is left out."""

from __future__ import annotations

import pytest
import torch
from torch.nn.modules.module import _global_forward_hooks, _global_forward_pre_hooks

from barograph.collectors import watch
from tests.collectors.attending import CLASSES, LENGTH, Attending
from tests.collectors.hooks.test_compiled_ops import _fresh_compiler as _fresh_compiler
from tests.collectors.hooks.test_compiled_ops import by_block, by_loss, by_model, counters, loss_of

HOOKED = {"activation_rms", "dead_units", "noise_scale"}


def trained(kind, steps, watched, eager_first=0):
    """Weights, losses and the number of graphs; two micro-batches a step; the first steps without the compiler."""
    torch.manual_seed(5)
    model = Attending()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    run, losses, hooked = watch(model, optimizer, preset="full") if watched else None, [], []
    call = loss_of(model)
    for step in range(1, steps + 1):
        if step == eager_first + 1:
            call = kind(model, backend="aot_eager")
        on = _global_forward_hooks or _global_forward_pre_hooks
        on = on or any(p._post_accumulate_grad_hooks for p in model.parameters())
        hooked += [step] if on else []
        for _ in range(2):
            tokens = torch.randint(CLASSES, (3, LENGTH))
            loss = call(tokens, tokens.roll(1, dims=1)) / 2
            loss.backward()
            losses.append(loss.item())
        optimizer.step()
        optimizer.zero_grad()
    if run is not None:
        run.finish()
    return [p.detach().clone() for p in model.parameters()], losses, counters["stats"]["unique_graphs"], hooked


def both(kind, steps, eager_first=0):
    plain = trained(kind, steps, False, eager_first)
    torch._dynamo.reset()
    counters.clear()
    seen = trained(kind, steps, True, eager_first)
    assert all(map(torch.equal, plain[0], seen[0])) and plain[1] == seen[1]
    return plain, seen


@pytest.mark.parametrize("kind", [by_model, by_loss])
def test_no_hook_is_put_on_and_the_run_says_so(writers, kind):
    plain, seen = both(kind, 22)
    assert seen[2:] == (plain[2], [])
    assert not [k for k in writers[0].values if (k if isinstance(k, str) else k[0]) in HOOKED]
    said = [e.text for e in writers[0].events if e.kind == "not measured"]
    off = [s.partition(":")[0].split(", ") for s in said if "would have torch.compile start anew" in s]
    assert {name for names in off for name in names} == HOOKED
    others = {k if isinstance(k, str) else k[0] for k in writers[0].values}
    assert {"init_distance", "update_cosine", "spectral_norm", "stable_rank"} <= others


@pytest.mark.parametrize(
    ("kind", "eager", "hooked"), [(by_model, 1, [2]), (by_block, 10, [2, 11]), (by_loss, 10, [2, 11])]
)
@pytest.mark.filterwarnings("ignore:Using `torch.compile.module.` when there are global hooks")
def test_what_is_compiled_first_while_a_hook_is_on_is_compiled_once_more_at_most(writers, kind, eager, hooked):
    """A whole graph is still one graph: the hook does nothing in it."""
    plain, seen = both(kind, 30, eager)
    assert seen[3] == hooked and seen[2] <= 2 * plain[2]
    assert any("noise_scale" in e.text for e in writers[0].events if "torch.compile start anew" in e.text)


def test_a_plain_model_after_a_compiled_one_is_looked_at(writers):
    for kind in (None, by_model, None):
        trained(kind or (lambda model, backend: loss_of(model)), 62, True)
    recorded = [[name for name in HOOKED if any(name in (k, k[0]) for k in w.values)] for w in writers]
    assert [sorted(names) for names in recorded] == [sorted(HOOKED), [], sorted(HOOKED)]
    assert [any("compile" in e.text for e in w.events) for w in writers] == [False, True, False]
