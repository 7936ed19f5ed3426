"""The paper's page and those of sweeps in headless Chromium, drawn in full."""

from __future__ import annotations

from pathlib import Path

import paper_data
import pytest
import sweeps
from browser import check_page, column_cells, open_page
from selenium.webdriver.common.by import By

from digico_report.__main__ import main
from digico_report.experiments import EXPERIMENTS
from digico_report.running import Runner

pytestmark = pytest.mark.browser

#: a figure of most kinds; all of them would take half a minute to draw
DRAWN = ("observation_sparsity", "reward_scale", "overflow", "niches", "echo")


@pytest.fixture(scope="module")
def paper(tmp_path_factory) -> Path:
    """Folder of the page in the small form, of some experiments; the notebook's is in it."""
    output = tmp_path_factory.mktemp("paper")
    runner = Runner(Path("digico"), paper_data.CONFIGS, output, quick=True)
    for experiment in EXPERIMENTS:
        if experiment.name in DRAWN:
            folder = runner.folder(experiment)
            folder.mkdir(parents=True)
            paper_data.dataset(experiment.name).to_netcdf(folder / "results.nc", engine="netcdf4")
    words = ["--configs", str(paper_data.CONFIGS), "--output", str(output), "--no-run", "--quick"]
    assert main(["paper", *words]) == 0
    return next(page.parent for page in output.rglob("index.html") if page.parent.name != "echo")


def figures(driver) -> list[str]:
    return [figure.get_attribute("id") for figure in driver.find_elements(By.CSS_SELECTOR, "figure.figure")]


def heads(driver) -> list[str]:
    found = driver.find_elements(By.CSS_SELECTOR, "#published thead th")
    return [head.text.split("\n")[0].strip().lower() for head in found]


def test_the_paper_s_page(driver, paper: Path) -> None:
    check_page(driver, paper / "index.html")
    expected = {"observation-sparsity-ai-views", "reward-scale-curve", "views-received", "views-earned"}
    assert expected <= set(figures(driver))
    assert "Quick form" in driver.find_element(By.TAG_NAME, "body").text


def test_the_notebook_s_page(driver, paper: Path) -> None:
    check_page(driver, paper / "echo" / "index.html")
    assert {"beliefs", "utility-curves", "radicalisation-curves", "deviation-curves"} <= set(figures(driver))


@pytest.mark.parametrize("size", [(1280, 900), (400, 800)])
def test_published_numbers_sort_by_their_header(driver, paper: Path, size: tuple[int, int]) -> None:
    open_page(driver, paper / "index.html", size)
    place = heads(driver).index("published")
    head = driver.find_elements(By.CSS_SELECTOR, "#published thead th")[place]
    before = column_cells(driver, "published", place)
    assert len(before) == 91
    numbers = sorted(before, key=float)
    assert before != numbers
    for said, expected in (("ascending", numbers), ("descending", numbers[::-1]), ("none", before)):
        button = head.find_element(By.TAG_NAME, "button")
        driver.execute_script("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", button)
        button.click()
        assert head.get_attribute("aria-sort") == said
        assert column_cells(driver, "published", place) == expected


@pytest.mark.parametrize("kind", ["agents", "echo-steps"])
def test_the_page_of_a_sweep(driver, tmp_path: Path, kind: str) -> None:
    directory = sweeps.run(tmp_path, kind)
    assert main(["sweep", str(directory)]) == 0
    check_page(driver, directory / "report" / "index.html")
    assert len(figures(driver)) >= 8
