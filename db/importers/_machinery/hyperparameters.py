"""The hyper-parameters that trainers write as YAML, read as plain values: nested mappings, lists and scalars.

Nothing in a file is ever called: a tag (`!!python/object`) is dropped, and an anchor's alias stays the text that it is.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml

_LONGEST = 1 << 17  # bytes that are read of a file
_TRIES = 8  # lines that are passed over before the rest is
_WORDS = {"true": True, "false": False, "null": None, "none": None, "~": None, "": None}


def parse(text: str) -> dict[str, Any]:
    """The mapping in a YAML text, {} where there is none; a line that is not YAML is passed over."""
    import yaml

    lines = text[:_LONGEST].splitlines()
    for _ in range(_TRIES):
        try:
            found = yaml.load("\n".join(lines), _loader())
        except yaml.MarkedYAMLError as error:
            key = error.context == "while scanning a simple key"  # seen on the next line only
            mark = error.context_mark if key else error.problem_mark
            if mark is None or not lines:
                return {}
            del lines[min(mark.line, len(lines) - 1)]
        except (yaml.YAMLError, RecursionError, ValueError):
            return {}
        else:
            return found if isinstance(found, dict) else {}
    return {}


def scalar(text: str) -> Any:
    """A number, truth value, null, quoted or plain text, or a list or mapping in JSON."""
    text = re.sub(r"\s+#.*$", "", text).strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if text[0] in '[{"':
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    try:
        return int(text) if len(text) < 20 else text
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def beside(log: Path, name: str = "hparams.yaml") -> dict[str, Any]:
    """What stands in a file beside a log, {} where there is none."""
    path = log.parent / name
    try:
        if path.is_symlink() or not path.is_file():
            return {}
        with open(path, encoding="utf-8", errors="replace") as file:
            return parse(file.read(_LONGEST))
    except OSError:
        return {}


@cache
def _loader() -> type[yaml.SafeLoader]:
    """PyYAML's safe loader without the scalars of YAML 1.1, which reads 1e-3 as text, `no` as False, 1:30 as 90."""
    import yaml

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers: dict[str, Any] = {}  # a plain scalar stays text until `_scalar`

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            if self.check_event(yaml.AliasEvent):  # never followed: a few lines of them can mean gigabytes
                event: yaml.AliasEvent = self.get_event()  # type: ignore[no-untyped-call]  # the stubs leave it bare
                return yaml.ScalarNode(_TEXT, f"*{event.anchor}", style="'")
            return super().compose_node(parent, index)

    def construct(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {_name(key): construct(loader, value) for key, value in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [construct(loader, one) for one in node.value]
        return node.value if getattr(node, "style", None) else scalar(node.value)

    Loader.add_multi_constructor("", lambda loader, _, node: construct(loader, node))
    Loader.yaml_constructors = {}
    return Loader


_TEXT = "tag:yaml.org,2002:str"


def _name(key: yaml.Node) -> str:
    return key.value if isinstance(key.value, str) else str(key.start_mark.line)
