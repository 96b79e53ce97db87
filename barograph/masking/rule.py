"""What of a value is masked: by what its name tells, by what it looks like, and by what the user has declared."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .looks import MASK, is_mark, is_ordinary, is_random, without_keys
from .names import Telling, holds_secrets, may_be_number, several, telling, words

_EMPTY = re.compile(r"|none|null|nil|true|false|yes|no|auto|\*+|\$\{[^{}]*\}|\$[A-Za-z_]\w*", re.IGNORECASE)
_VALUE = r"(?P<value>[^\s\"'<>,;&(){}\[\]?=]++)(?!=\w)"
_PAIR = re.compile(r"(?<![\w.-])(?P<name>-{0,2}[A-Za-z][\w.-]*)(?P<between>[\"']?\s*(?:=|:(?!//))\s*[\"']?)" + _VALUE)
_OPTION = re.compile(r"(?<![\w.-])(?P<name>--[A-Za-z][\w.-]*)(?P<between>[ \t]+|[\"'],\s*[\"'])(?!--)" + _VALUE)
_COMMANDS = ("command", "cmd", "argv", "args", "commandline", "command_line")
_SHORT = {"-p": Telling.LIKELY}  # the password of many a tool


@dataclass(frozen=True)
class Masking:
    """The rule; `mask` and `show` are names, or patterns as `*_pin` and `wandb.key`, that the user has declared.

    What stands under a name to mask is masked whole; what stands under one to show stays as it is.
    """

    mask: tuple[str, ...] = ()
    show: tuple[str, ...] = ()

    def value(self, value: Any, name: str = "", above: tuple[str, ...] = ()) -> Any:
        """A setting of any shape, masked; `above`: the names that it stands under.

        >>> Masking().value({"lr": 0.1, "hf_token": "abc", "tokenizer": "bytes", "secrets": {"a": 1}})
        {'lr': 0.1, 'hf_token': '***', 'tokenizer': 'bytes', 'secrets': {'a': '***'}}
        """
        if name and _named(self.show, name, above):
            return value
        if name and (_named(self.mask, name, above) or (isinstance(value, dict | list) and holds_secrets(name))):
            return _all(value)
        if isinstance(value, dict):
            inside = (*above, name) if name else above
            return {self.text(str(key)): self._entry(str(key), one, name, inside) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return self._list(list(value), name, above)
        if isinstance(value, str):
            if name.lower() in _COMMANDS:
                return self.command(value)
            return self._text_of(value, name, telling(name, above[-1] if above else ""))
        if isinstance(value, int | float) and not isinstance(value, bool) and may_be_number(name):
            return MASK
        return value

    def text(self, text: str) -> str:
        """Free text, such as the message of an exception, masked.

        >>> Masking().text("401 for https://me:pass@host/?api_key=abc&page=2; password: hunter2; lr=0.1")
        '401 for https://me:***@host/?api_key=***&page=2; password: ***; lr=0.1'
        """
        text = without_keys(text)
        return _OPTION.sub(self._pair, _PAIR.sub(self._pair, text))

    def words(self, given: Sequence[str]) -> list[str]:
        """The words of a command line, masked.

        >>> Masking().words(["--lr=1e-3", "--api-key", "abc", "--hub_token=def", "--tokenizer", "bytes"])
        ['--lr=1e-3', '--api-key', '***', '--hub_token=***', '--tokenizer', 'bytes']
        """
        out: list[str] = []
        option, more = "", False  # the option whose value comes, and whether further ones may
        for word in given:
            name, equals, value = word.partition("=")
            bare = name.lstrip("-+~")
            if option and not _is_option(word):
                out.append(self._argument(option, word))
                if word.isupper() and self._tells(word):  # `--env API_KEY abc`
                    option, more = word, False
                elif not more:
                    option = ""
                continue
            if equals and re.fullmatch(r"[A-Za-z][\w./-]*", bare):
                out.append(f"{name}={self.value(value, bare)}")
            else:
                out.append(self.text(word))
            takes = not equals and (name.startswith("-") or (name.isupper() and self._tells(name)))
            option, more = (name, several(name)) if takes else ("", False)
        return out

    def command(self, line: str) -> str:
        """A command line in one text, masked."""
        try:
            given = shlex.split(line)
        except ValueError:
            return self.text(line)
        return " ".join(word if MASK in word and " " not in word else shlex.quote(word) for word in self.words(given))

    def found(self, value: Any, name: str = "") -> Iterator[str]:
        """The names under which something of a value is to be masked: `config.wandb.key`."""
        yield from _differences(value, self.value(value, name), name)

    def _tells(self, name: str) -> bool:
        return telling(name) == Telling.SECRET or _named(self.mask, name, ())

    def _entry(self, key: str, value: Any, name: str, inside: tuple[str, ...]) -> Any:
        """A value by its own name, or by that above it where it is called `value`, as some trackers write settings."""
        return self.value(value, name, inside[:-1]) if name and key in ("value", "default") else self.value(
            value, key, inside
        )  # fmt: skip

    def _list(self, value: list[Any], name: str, above: tuple[str, ...]) -> list[Any]:
        if all(isinstance(one, str) for one in value) and any(one.startswith("-") for one in value):
            return list(self.words(value))
        return [self.value(one, name, above) for one in value]

    def _text_of(self, text: str, name: str, told: Telling) -> str:
        if _EMPTY.fullmatch(text.strip()) or (words(name)[-1:] == ("pwd",) and text.startswith("/")):
            return text
        if told == Telling.SECRET and not ("token" in name.lower() and is_mark(text)):
            return MASK
        if (told == Telling.LIKELY and not is_ordinary(text)) or (told == Telling.MAYBE and is_random(text)):
            return MASK
        return self.text(text)

    def _argument(self, option: str, word: str) -> str:
        if option in ("-u", "--user") and ":" in word:
            return f"{word.partition(':')[0]}:{MASK}"
        bare = option.lstrip("-+~")
        return self._text_of(word, "", _SHORT[option]) if option in _SHORT else str(self.value(word, bare))

    def _pair(self, found: re.Match[str]) -> str:
        name, between, value = found["name"], found["between"], found["value"]
        bare = name.lstrip("-")
        if _named(self.show, bare, ()) or _EMPTY.fullmatch(value):
            return found[0]
        told = Telling.SECRET if _named(self.mask, bare, ()) else telling(bare)
        if told == Telling.SECRET and between.strip() == ":" and not holds_secrets(bare):
            told = Telling.LIKELY  # "unexpected token: word" is a sentence
        hidden = told == Telling.SECRET and not is_mark(value)
        hidden |= told == Telling.LIKELY and not is_ordinary(value)
        return f"{name}{between}{MASK}" if hidden else found[0]


def _named(patterns: tuple[str, ...], name: str, above: tuple[str, ...]) -> bool:
    path = ".".join((*above, name)).lower()
    return any(fnmatchcase(one, pattern.lower()) for pattern in patterns for one in (name.lower(), path))


def _all(value: Any) -> Any:
    """Everything that a value holds, masked; its shape stays."""
    if isinstance(value, dict):
        return {key: _all(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_all(one) for one in value]
    return value if value is None or isinstance(value, bool) or value == "" else MASK


def _is_option(word: str) -> bool:
    """Whether a word begins an option: `-CMD7` behind `--password` does not, nor does -0.5."""
    return word.startswith("--") or bool(re.fullmatch(r"-[A-Za-z]", word))


def _differences(value: Any, masked: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(masked, dict) and value.keys() == masked.keys():
        for key in value:
            yield from _differences(value[key], masked[key], f"{name}.{key}" if name else str(key))
    elif value != masked:
        yield name
