"""A run that is being recorded: the verbs of the training script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from torch import Tensor, nn

from .machinery import Machinery
from .recording.exception_text import exception_text


class LiveRun:
    """What `watch` returns. Also a context manager: leaving it ends the run, by an exception as stopped.

    No verb raises into training: what goes wrong is a warning, once.
    """

    def __init__(self, machinery: Machinery):
        self.name = machinery.record.writer.run.name
        self._machinery = machinery

    @property
    def id(self) -> str:
        """The run's id in the store; it changes once where the store could not be read to resume a run."""
        return self._machinery.record.writer.run.id

    def log(
        self, values: Mapping[Any, Any] | None = None, /, *, step: int | None = None, split: str | None = None,
        tokens: Any = None, **named: Any,
    ) -> None:  # fmt: skip
        """Records values of the step: numbers or tensors of one element (no `.item()` needed, it would wait).

        Which step: the one to come or the one just done, decided by the first log of a name (see `step_counter.py`); or
        `step`. A value behind the last step is late, and recorded there; where the loss falls behind itself, training
        went back, and a new attempt begins, with a warning (see `named_steps.py`). Several logs of a name in one step
        become their mean, weighted by `tokens`. Of many ranks that log, `loss` is the mean and tokens add up. With
        `split`, e.g. "val", it is a series of its own, with the steps at which it was logged. Keys of the mapping may
        be (signal, part) tuples.

        `sample_loss`, a tensor with the loss of each sample, is recorded by its 5, 50 and 95 % quantiles `loss_p05`,
        `loss_p50` and `loss_p95`, and by its mean as `loss`; as `loss_unweighted` where the loop logs a loss itself.
        With `domain`, a name for each sample, or integers that are indices into the names `domains`, also by domain
        (see `domains.py`). A dict is recorded by its parts: `run.log(domain_weight={"web": 0.7, "code": 0.3})`.
        """
        self._machinery.log.log({**values, **named} if values else named, step, split, tokens)

    def event(self, kind: str, text: str = "", *, step: int | None = None, **data: Any) -> None:
        """Puts a dated note on the run's timeline: `run.event("data", "switched to code")`."""
        self._machinery.event(kind, text, step, data)

    def evaluate(
        self, step: int | None, task: str, *, n: int | None = None, n_invalid: int | None = None, weights: str = "raw",
        subset: str = "", **metrics: Any,
    ) -> None:  # fmt: skip
        """Records an evaluation: `run.evaluate(step, "gsm8k", accuracy=0.41, n=1319, n_invalid=12, weights="ema")`.

        `step` None: after the last completed step. Accuracies are shares between 0 and 1; `n_invalid` of the `n`
        answers were in no readable format. Any task at any cadence, also before it is learned or if it never is.
        Each metric is a series `eval_<metric>` by task too; of weights other than "raw" `eval_<metric>_<weights>`; a
        further `subset` of a task counts as a task of its own.
        """
        self._machinery.tasks.evaluate(step, task, n, n_invalid, weights, subset, metrics)

    def begin_task(self, name: str) -> None:
        """From here on the model learns the task `name`; ends the task before. A task may come again."""
        self._machinery.tasks.begin_task(name)

    def end_task(self) -> None:
        """The task that `begin_task` began is over; without one nothing happens. The run's end ends it too."""
        self._machinery.tasks.end_task()

    def predictions(
        self, predicted: Tensor, new: Iterable[int], *, old: Iterable[int] | None = None,
        targets: Tensor | None = None, weight: Tensor | nn.Module | None = None, step: int | None = None,
    ) -> None:  # fmt: skip
        """Records how much a classifier prefers the classes of the current task: `run.predictions(logits, new=[8, 9])`.

        See `head_bias.py` for what is recorded: by `predicted` classes [n] or logits [n, classes] on a sample of *all*
        tasks seen, with their `targets` [n] if at hand, and by the head's `weight` [classes, width] (or the module).
        """
        self._machinery.tasks.predictions(predicted, new, old, targets, weight, step)

    def alignment(self, losses: Mapping[str, Tensor], *, step: int | None = None) -> None:
        """Records whether the gradients of domains agree, before `backward` of their sum: see `gradient_alignment.py`.

        It costs a backward pass for each domain: call it now and then.
        """
        self._machinery.tasks.alignment(losses, self._machinery.hooks.parameters, step)

    def attention(
        self, q: Tensor, k: Tensor, *, layer: str, scale: float | None = None, mask: Any = None, is_causal: bool = False
    ) -> None:
        """Shows one call of attention that is not seen by itself (which are: see `attention.py`), in the forward pass.

        Queries [batch, heads, L, E] and keys [batch, key heads, S, E] as they meet: rotated, normed. `mask`: True where
        visible, or what is added to the logits; or a block mask, or its function. Does nothing but in sampled steps.
        """
        self._machinery.hooks.attention(q, k, layer, scale, mask, is_causal)

    def logits(self, logits: Tensor, targets: Tensor | None = None, *, ignore_index: int = -100) -> None:
        """Shows output logits [..., classes] (some rows will do) that no `F.cross_entropy` sees, e.g. of a fused loss.

        Where the class in `targets` [...] is `ignore_index` they do not count. Does nothing but in sampled steps.
        """
        self._machinery.hooks.logits(logits, targets, ignore_index)

    @property
    def over(self) -> bool:
        """Whether the run has ended, or was never recorded here."""
        return self._machinery.record.over

    @property
    def step(self) -> int:
        """The last completed step."""
        return self._machinery.record.counter.done

    @property
    def should_stop(self) -> bool:
        """Whether somebody, or a rule of the dashboard, has asked this run to stop: a loop that heeds it breaks.

        Only the recording rank knows, and on a network file system nobody.
        """
        return self._machinery.stop_requested

    @property
    def stop_reason(self) -> str:
        """Why the run was asked to stop; "" while it was not."""
        return self._machinery.record.writer.stop_reason

    def finish(self, state: str | None = None) -> None:
        """Ends the run: hooks off, all that was measured written. A second call does nothing.

        `state` None: diverged where the last loss is not finite, stopped where a stop was asked for or planned steps
        are still to go (`break`), else finished.
        """
        self._machinery.finish(state)

    def __enter__(self) -> LiveRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(problem, Exception):
            self.event("exception", exception_text(problem))
        self.finish(None if problem is None else "stopped")
