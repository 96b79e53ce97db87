"""What can be chosen in a page's address: written as a word and its arguments, read back by the kind of that word."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Protocol, TypeVar

from ...errors import CannotForecast
from ...plugins import members


class Addressed(ABC):
    """A choice that stands in an address. `str` writes it, `parse_address` reads it back."""

    word: ClassVar[str]

    @abstractmethod
    def arguments(self) -> tuple[str, ...]:
        """What follows `word` in the address."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What it is called on a page."""

    def __str__(self) -> str:
        return ",".join((self.word, *self.arguments()))


Choice = TypeVar("Choice", bound=Addressed, covariant=True)


class AddressKind(Protocol[Choice]):
    """What a plugin file holds: `parse` takes what follows the word; ValueError or IndexError if it cannot read it."""

    @property
    def parse(self) -> Callable[[Sequence[str]], Choice]: ...

    @property
    def order(self) -> int: ...


Kind = TypeVar("Kind", bound=AddressKind[Addressed])


def known_kinds(package: str, kind: type[Kind]) -> Mapping[str, Kind]:
    """Every kind that the files of `package` hold, by its word, in the order in which they are offered."""
    return dict(sorted(members(package, kind).items(), key=lambda item: item[1].order))


def parse_address(text: str, kinds: Mapping[str, AddressKind[Choice]], what: str) -> Choice:
    """The choice that an address names. Raises CannotForecast, which names `what`, where it cannot be understood."""
    word, *arguments = text.split(",")
    kind = kinds.get(word)
    if kind is None:
        raise CannotForecast(f"unknown {what} {word[:60]!r}; expected one of {', '.join(kinds)}")
    try:
        return kind.parse(arguments)
    except (ValueError, IndexError) as error:
        raise CannotForecast(f"the {what} {text[:60]!r} cannot be understood: {error}") from error
