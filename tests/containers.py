"""One configuration in every container that people keep configurations in."""

from __future__ import annotations

import argparse
import collections
import dataclasses
import types
from collections.abc import Callable
from typing import Any

import attrs
import ml_collections
import omegaconf
import pydantic
from yacs.config import CfgNode

LAYERS = [[64, 2], [32, [1, 1]]]
ASKED = "config_lr = 0.002 and config_model_width = 64 and config_layers = '[[64, 2], [32, [1, 1]]]'"
"""What holds for each of them as a filter."""


def nested() -> dict[str, Any]:
    """As plain objects: what a run is to have of each container."""
    return {"lr": 0.002, "model": {"width": 64}, "layers": LAYERS}


@dataclasses.dataclass
class DataclassModel:
    width: int = 64


@dataclasses.dataclass
class DataclassConfig:
    lr: float = 0.002
    model: DataclassModel = dataclasses.field(default_factory=DataclassModel)
    layers: list = dataclasses.field(default_factory=lambda: LAYERS)


@attrs.frozen
class AttrsModel:
    width: int = 64


@attrs.define
class AttrsConfig:
    lr: float = 0.002
    model: AttrsModel = AttrsModel()
    layers: tuple = ((64, 2), (32, (1, 1)))


class PydanticModel(pydantic.BaseModel):
    width: int = 64


class PydanticConfig(pydantic.BaseModel, extra="allow"):
    lr: float = 0.002
    model: PydanticModel = PydanticModel()


class Node:
    """minGPT's: attributes that are set as they come, and a text of its own."""

    def __init__(self, **values: Any):
        self.__dict__.update(values)

    def __str__(self) -> str:
        return "\n".join(f"{name}: {value}" for name, value in self.__dict__.items())


class ClassConfig:
    """Attributes of the class, and a method."""

    lr = 0.002
    layers = LAYERS

    class model:  # noqa: N801  (as people write it)
        width = 64

    def steps(self) -> int:
        return 0


Named = collections.namedtuple("Named", ["lr", "model", "layers"])

CONTAINERS: dict[str, Callable[[], Any]] = {
    "dict": nested,
    "OmegaConf": lambda: omegaconf.OmegaConf.create(nested()),
    "ml_collections": lambda: ml_collections.ConfigDict(nested()),
    "ml_collections, frozen": lambda: ml_collections.FrozenConfigDict(nested()),
    "yacs": lambda: CfgNode(nested()),
    "SimpleNamespace": lambda: types.SimpleNamespace(**nested() | {"model": types.SimpleNamespace(width=64)}),
    "argparse": lambda: argparse.Namespace(**nested()),
    "dataclass": DataclassConfig,
    "attrs": AttrsConfig,
    "pydantic": lambda: PydanticConfig(layers=LAYERS),
    "named tuple": lambda: Named(**nested()),
    "CfgNode of minGPT": lambda: Node(**nested() | {"model": Node(width=64)}),
    "class": lambda: ClassConfig,
    "object": ClassConfig,
}
