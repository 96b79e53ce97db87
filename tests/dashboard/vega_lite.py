"""Whether a specification is valid Vega-Lite; each is checked once, whichever tests draw it."""

from __future__ import annotations

import functools
import json
from typing import Any

from altair.vegalite.v6.schema.core import load_schema
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match


@functools.cache
def _validator() -> Draft7Validator:
    schema = load_schema()
    title = schema["definitions"]["TitleParams"]["properties"]
    # Vega-Lite takes an expression for every text of a heading; its schema has forgotten the second.
    title["subtitle"] = {"anyOf": [title["subtitle"], {"$ref": "#/definitions/ExprRef"}]}
    return Draft7Validator(schema)


@functools.cache
def _problem(text: str) -> str:
    spec = json.loads(text)
    found = None if _validator().is_valid(spec) else best_match(_validator().iter_errors(spec))
    return "" if found is None else f"{found.json_path}: {found.message[:300]}"


def problem(spec: dict[str, Any]) -> str:
    """What is wrong with a specification; empty where nothing is."""
    return _problem(json.dumps(spec, sort_keys=True, default=str))
