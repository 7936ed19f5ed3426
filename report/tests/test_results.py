"""Reading a result: what older libraries got wrong."""

from __future__ import annotations

from conftest import study


def test_texts_of_some_runs_are_texts(fake_result) -> None:
    rows = study(lambda row: {"ai_views": 0.5}, range(3))
    rows[4]["status"] = rows[7]["status"] = "nonfinite"
    result = fake_result("holes", rows)
    assert result.counts.text == "190 completed / 192 planned, 2 not finite"
    assert all(isinstance(text, str) for text in result.ended["ai_type"].values)
    assert result.where(ai_type="none", reading="tables").sizes["run"] == 10


def test_words_of_older_files_are_understood(fake_result) -> None:
    result = fake_result("old", study(lambda row: {"ai_views": 0.5}, range(3)))
    result.data["status"].attrs["flag_meanings"] = "planned complete nonfinite converged"
    assert set(result.status) == {"completed"}
    assert result.counts.completed == result.counts.planned == 192
