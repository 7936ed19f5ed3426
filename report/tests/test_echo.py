"""The notebook's page, on a result made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import figure_data
import numpy as np
import pytest

from digico_report.echo import radicalisation_table


def test_each_run_has_the_closed_form_of_its_own_rate_and_utility() -> None:
    data = figure_data.echo()
    texts = list(data["configuration"].values)
    assert len(texts) > 2
    texts[1] = texts[1].replace("rate: 0.01", "rate: 0.02")
    texts[2] = texts[2].replace("utility: product", "utility: bounded-confidence")
    data["configuration"] = ("run", np.array(texts, dtype=object))
    table = radicalisation_table(SimpleNamespace(ended=data))
    by_run = np.array([row["closed_form"] for row in table.rows]).reshape(len(texts), -1)
    steps, start = data["step"].values[:, -1], data["initial_belief"].values.astype(float)
    evidence = data["evidence"].values.astype(float)
    for run, rate in ((0, 0.01), (1, 0.02)):
        assert by_run[run] == pytest.approx(start[run] + rate * steps[run] * evidence[run])
    assert np.isnan(by_run[2]).all()
    assert "η = 0.01, 0.02" in table.caption
