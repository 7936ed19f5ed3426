"""Keys of runs: what their configurations state, and what they have where nothing is stated.

The variable `configuration` states the keys of a run that differ from the attribute
`configuration_defaults`, which has every key with a default of its own; keys that the reading, the AI type
or another key decides are in neither unless they were set. Results of earlier builds state all keys.
"""

from __future__ import annotations

import xarray

DEFAULTS = "configuration_defaults"


def keys_of(text: str) -> dict[str, str]:
    """Values by dotted key of the YAML that the engine writes: a key a line, sections indented by two."""
    found: dict[str, str] = {}
    path: list[str] = []
    for line in text.splitlines():
        name, colon, value = line.strip().partition(":")
        if not colon or name.startswith("#"):
            continue
        path = [*path[: (len(line) - len(line.lstrip())) // 2], name]
        if value.strip():
            found[".".join(path)] = value.strip()
    return found


def configurations(data: xarray.Dataset) -> list[dict[str, str]]:
    """Keys of every run; an empty list where the file has none."""
    if "configuration" not in data:
        return []
    defaults = keys_of(str(data.attrs.get(DEFAULTS, "")))
    read: dict[str, dict[str, str]] = {}  # runs that share a text share their keys
    for text in map(str, data["configuration"].values):
        if text not in read:
            read[text] = defaults | keys_of(text)
    return [read[text] for text in map(str, data["configuration"].values)]
