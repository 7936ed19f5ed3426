"""Figures as JSON that people can read (bench/rows.py)."""

import json
from pathlib import Path

import pytest

from rows import WIDTH, rows_text

RESULTS = Path(__file__).resolve().parents[1] / "results"


def test_rows_and_lists_of_numbers_are_lines():
    document = {
        "machine": {"name": "Ü", "cores": 2},
        "rows": [{"a": [0.1, 2], "b": {"c": None}}, {"a": list(range(WIDTH))}],
        "empty": [],
    }
    assert rows_text(document).splitlines() == [
        "{",
        ' "machine": {"name": "Ü", "cores": 2},',
        ' "rows": [',
        '  {"a": [0.1, 2], "b": {"c": null}},',
        f'  {{"a": {json.dumps(list(range(WIDTH)))}}}',
        " ],",
        ' "empty": []',
        "}",
    ]
    assert json.loads(rows_text(document)) == document


def test_a_long_object_is_opened():
    document = {"flags": {"a": "x" * WIDTH, "rows": [{"b": 1}]}}
    lines = ["{", ' "flags": {', f'  "a": "{"x" * WIDTH}",', '  "rows": [', '   {"b": 1}', "  ]", " }", "}"]
    assert rows_text(document).splitlines() == lines


@pytest.mark.parametrize("kind", ["cmaes", "peers", "scaling"])
def test_files_in_the_tree_are_as_they_would_be_written(kind):
    for file in RESULTS.glob(f"{kind}-*.json"):
        text = file.read_text(encoding="utf-8")
        assert text == rows_text(json.loads(text)) + "\n"
