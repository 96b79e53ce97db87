"""Sequences of tasks from scikit-learn's handwritten digits: 1,797 real scans of 8 x 8 grey values.

class   five tasks of two digits each, told apart among all ten: which digits make which task depends on the seed
task    the same five, but told apart within their pair only, as if the task were known
domain  all ten digits in four tasks, each turned by some degrees more than the one before
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

SPLIT = 0  # seed of train and test: the same examples for every run
TEST = 0.5
DOMAINS = (0, 30, 60, 90)  # degrees


@dataclass(frozen=True)
class Task:
    """`train` and `test` are (pixels [n, 64] between 0 and 1, digits [n])."""

    name: str
    train: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]


@functools.cache
def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images [1797, 8, 8] between 0 and 1, their digits, and which of them are for testing."""
    from sklearn.datasets import load_digits

    data = load_digits()
    chance = np.random.default_rng(SPLIT).random(len(data.target))
    return data.images / 16.0, data.target, chance < TEST


def sequence(kind: str, seed: int, degrees: tuple[int, ...] = DOMAINS) -> list[Task]:
    """The tasks of one kind of sequence, in order. Digits are renamed so that task i has classes 2 i and 2 i + 1."""
    images, labels, held_out = digits()
    if kind == "domain":
        return [_task(f"{angle} degrees", turned(images, angle), labels, held_out) for angle in degrees]
    order = np.random.default_rng(seed).permutation(10)
    renamed = np.argsort(order)[labels]
    tasks = []
    for first in range(0, 10, 2):
        mine = renamed // 2 == first // 2
        name = f"{order[first]} and {order[first + 1]}"
        tasks.append(_task(name, images[mine], renamed[mine], held_out[mine]))
    return tasks


def turned(images: np.ndarray, degrees: float) -> np.ndarray:
    """Images turned about their middle, by linear interpolation, black outside."""
    from scipy.ndimage import rotate

    return images if not degrees else np.clip(rotate(images, degrees, (2, 1), reshape=False, order=1), 0, 1)


def _task(name: str, images: np.ndarray, labels: np.ndarray, held_out: np.ndarray) -> Task:
    pixels = torch.from_numpy(images.reshape(-1, 64).astype(np.float32))
    classes = torch.from_numpy(labels.astype(np.int64))
    test = torch.from_numpy(held_out)
    return Task(name, (pixels[~test], classes[~test]), (pixels[test], classes[test]))
