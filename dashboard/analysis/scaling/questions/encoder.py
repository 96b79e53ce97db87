"""How parameters are best shared between encoder and decoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..fit import Fitted
from ..parameter_shares import encoder_share
from ..question import Asking, Question, QuestionKind


@dataclass(frozen=True)
class Encoder(Question):
    """The share of all parameters that the encoder should get."""

    word: ClassVar[str] = "encoder"

    def arguments(self) -> tuple[str, ...]:
        return ()

    @property
    def label(self) -> str:
        return "Encoder and decoder"

    def apply(self, fitted: Fitted) -> str:
        share = encoder_share(fitted).text("{:.2f}".format)
        return f"{share} of all parameters belong in the encoder, at any total size"


def parse(arguments: Sequence[str]) -> Encoder:
    return Encoder()


def fits(fitted: Fitted) -> bool:
    return "p_e" in fitted.law.parameters


def ask(fitted: Fitted, point: Mapping[str, float]) -> Asking:
    yield from ()
    return Encoder()


KIND = QuestionKind("encoder", parse, fits, ask, 7)
