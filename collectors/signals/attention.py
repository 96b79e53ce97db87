"""Attention by layer and head: logits that grow without bound, attention that collapses, sinks on the first token.

Measured over one sequence of each batch, after rotation and norms (see `hooks/forward_statistics.py`), with
z_ij = scale * <q_i, k_j> the logit and p_ij the attention weight of query i on key j.
"""

from __future__ import annotations

from torch import Tensor

from ..measurement import Measured
from ..signal import Price, Signal
from ..step_context import StepContext

SINK = 0.3  # mean weight on the first token from which a head has a sink there
AXES = ("layer", "head")
REMEDY = 'pass the model to watch, with preset="standard" or "full"; custom kernels call run.attention(q, k)'


def _heads(context: StepContext, what: str) -> Measured:
    return None if context.forward is None else context.forward.heads(what)


def _all_heads(context: StepContext, what: str) -> Tensor | None:
    found = None if context.forward is None else context.forward.heads(what)
    return found[1] if found else None


def largest_logit(context: StepContext) -> Measured:
    """max_ij |z_ij| over the visible positions [layers, heads], without what an additive mask adds.

    Runs in which it grew past 1e4 diverged, and it grows long before (Wortsman et al., arXiv:2309.14322).
    """
    return _heads(context, "peak")


def largest_logit_of_all(context: StepContext) -> Measured:
    """max over layers and heads of `attn_logit_max`, 0-d; NaN where one is: a line whose growth warns of divergence."""
    found = _all_heads(context, "peak")
    return None if found is None else found.amax()


def entropy(context: StepContext) -> Measured:
    """mean_i of -sum_j p_ij log p_ij [layers, heads], nats; ln(number of visible keys) where attention is even.

    Near 0 a head attends to one key only, by grown logits or by a harmless sink: read it beside `attn_first` and
    `attn_logit_max` (Gu et al., arXiv:2410.10781).
    """
    return _heads(context, "entropy")


def first_token(context: StepContext) -> Measured:
    """alpha_1 = mean_i of p_i0 [layers, heads]: above 0.3 a head has a sink, which explains a low entropy."""
    return _heads(context, "first")


def sink_rate(context: StepContext) -> Measured:
    """Share of (layer, head) with alpha_1 > 0.3, 0-d: it comes with training and is no fault (arXiv:2410.10781)."""
    found = _all_heads(context, "first")
    return None if found is None else (found > SINK).float().mean()


def query_norm(context: StepContext) -> Measured:
    """mean_i |q_i| [layers, heads], before the scale: logits grow by norms, not by angles (arXiv:2309.14322)."""
    return _heads(context, "q_norm")


def key_norm(context: StepContext) -> Measured:
    """mean_j |k_j| [layers, heads of the keys] (Wortsman et al., arXiv:2309.14322)."""
    return _heads(context, "k_norm")


attn_logit_max = Signal(
    "attn_logit_max", largest_logit, "Largest absolute attention logit of each head, in one sequence of each batch",
    title="Largest attention logit by head", better="lower", axes=AXES, price=Price.LOOK, of_run=True, across="max",
    remedy=REMEDY,
)  # fmt: skip
attn_logit_peak = Signal(
    "attn_logit_peak", largest_logit_of_all, "Largest absolute attention logit over all layers and heads",
    title="Largest attention logit", better="lower", price=Price.LOOK, of_run=True, across="max", remedy=REMEDY,
)  # fmt: skip
attn_entropy = Signal(
    "attn_entropy", entropy, "Mean entropy of attention of each head, in one sequence of each batch",
    title="Attention entropy by head", unit="nats", axes=AXES, price=Price.LOOK, of_run=True, remedy=REMEDY,
)  # fmt: skip
attn_first = Signal(
    "attn_first", first_token, "Mean attention weight of each head on the first token, in one sequence of each batch",
    title="Attention to the first token by head", axes=AXES, price=Price.LOOK, of_run=True, remedy=REMEDY,
)  # fmt: skip
attn_sink_rate = Signal(
    "attn_sink_rate", sink_rate, "Share of heads whose mean weight on the first token is above 0.3",
    title="Heads with an attention sink", price=Price.LOOK, of_run=True, remedy=REMEDY,
)  # fmt: skip
attn_q_norm = Signal(
    "attn_q_norm", query_norm, "Mean norm of the queries of each head, in one sequence of each batch",
    title="Query norm by head", axes=AXES, price=Price.LOOK, of_run=True, remedy=REMEDY,
)  # fmt: skip
attn_k_norm = Signal(
    "attn_k_norm", key_norm, "Mean norm of the keys of each head, in one sequence of each batch",
    title="Key norm by head", axes=AXES, price=Price.LOOK, of_run=True, remedy=REMEDY,
)  # fmt: skip
