"""Figures as JSON for people, too: a row of a table is one line, so that two files can be compared."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 200  # characters; a longer object that is no row is opened, a member per line


def rows_text(value: Any, indent: str = "") -> str:
    """JSON of a document: a row (an object in a list) or a list of numbers is one line, however long."""
    flat = json.dumps(value, ensure_ascii=False)
    inner = indent + " "
    if isinstance(value, dict) and (not indent or len(flat) > WIDTH):
        brackets = "{}"
        items = [f"{json.dumps(key)}: {rows_text(member, inner)}" for key, member in value.items()]
    elif isinstance(value, list) and any(isinstance(row, dict) for row in value):
        brackets = "[]"
        items = [json.dumps(row, ensure_ascii=False) for row in value]
    else:
        return flat
    lines = f",\n{inner}".join(items)
    return f"{brackets[0]}\n{inner}{lines}\n{indent}{brackets[1]}"
