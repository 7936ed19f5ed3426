"""A headless Chromium, and what must hold of any page in it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

SIZES = ((1280, 900), (400, 800))


def require_browser() -> tuple[str, str]:
    """Paths of Chromium and its driver. Skips the test without them, unless DIGICO_REQUIRE_BROWSER=1."""
    names = ("chromium", "chromium-browser", "google-chrome")
    browser = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    if browser and driver:
        return browser, driver
    reason = f"no {'chromedriver' if browser else 'chromium'} on the PATH (Debian: chromium, chromium-driver)"
    if os.environ.get("DIGICO_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{reason}, and DIGICO_REQUIRE_BROWSER=1")
    pytest.skip(reason)


@contextlib.contextmanager
def chromium() -> Iterator[WebDriver]:
    """A browser without a window and without a network, closed at the end."""
    browser, driver = require_browser()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(service=Service(driver), options=options)
    try:
        yield opened
    finally:
        opened.quit()


def open_page(driver: WebDriver, path: Path | str, size: tuple[int, int] = SIZES[0]) -> None:
    """Opens a file at a size of the inner window, logs of earlier pages forgotten."""
    for log in ("browser", "performance"):
        driver.get_log(log)
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.get(Path(path).resolve().as_uri())


def set_dark(driver: WebDriver, dark: bool) -> None:
    """What the reader's system is said to prefer."""
    features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def set_scripts(driver: WebDriver, on: bool) -> None:
    """Whether pages may run JavaScript. The driver's own still does."""
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not on})


def screenshot(driver: WebDriver, file: Path | str) -> None:
    """What is in the window, as PNG."""
    Path(file).write_bytes(driver.get_screenshot_as_png())


def messages(driver: WebDriver) -> list[str]:
    """What the console says, from information to errors."""
    return [f"{entry['level']}: {entry['message']}" for entry in driver.get_log("browser")]


def requested(driver: WebDriver) -> list[str]:
    """Addresses asked for since open_page(), other than files and what stands in the page itself."""
    events = (json.loads(entry["message"])["message"] for entry in driver.get_log("performance"))
    urls = (e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent")
    return [url for url in urls if not url.startswith(("file:", "data:"))]


def check_figures(driver: WebDriver) -> None:
    """Every figure takes room, and so does something drawn in it."""
    figures = driver.find_elements(By.CSS_SELECTOR, "figure.figure")
    for figure in figures:
        name = figure.get_attribute("id")
        svg = figure.find_element(By.CSS_SELECTOR, "svg")
        assert svg.is_displayed(), f"figure {name} is not displayed"
        assert min(svg.size["width"], svg.size["height"]) > 20, f"figure {name}: {svg.size}"
        drawn = driver.execute_script("const b = arguments[0].getBBox(); return b.width + b.height", svg)
        assert drawn > 0, f"figure {name}: nothing is drawn"


def check_no_sideways_scroll(driver: WebDriver) -> None:
    """The page is as wide as the window; what is wider scrolls in a box of its own."""
    wide = driver.execute_script(
        "const root = document.documentElement;"
        "return Math.max(root.scrollWidth, document.body.scrollWidth) - root.clientWidth"
    )
    assert wide <= 0, (
        f"the page is {wide} px wider than the window of {driver.execute_script('return innerWidth')}"
    )


def column_cells(driver: WebDriver, table: str, column: int) -> list[str]:
    """Texts of a table's column, rows that the filter hides left out."""
    return driver.execute_script(
        "const [name, column] = arguments;"
        "return [...document.getElementById(name).querySelectorAll('tbody tr:not([hidden])')]"
        ".map((row) => row.cells[column].textContent.trim())",
        table,
        column,
    )


def check_links(driver: WebDriver) -> None:
    """Every link within the page leads somewhere; every id is there once."""
    lost = driver.execute_script(
        "return [...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.hash.slice(1))"
        ".filter((id) => !document.getElementById(id))"
    )
    assert not lost, f"links to nowhere: {lost}"
    ids = driver.execute_script("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids)), f"repeated: {sorted({i for i in ids if ids.count(i) > 1})}"


def check_page(driver: WebDriver, path: Path | str) -> None:
    """What must hold of every page, from disk: no message or request, figures seen, links that lead."""
    for size in SIZES:
        open_page(driver, path, size)
        assert driver.find_element(By.TAG_NAME, "h1").is_displayed()
        check_figures(driver)
        check_no_sideways_scroll(driver)
        check_links(driver)
        said, asked = messages(driver), requested(driver)
        assert not said, f"the console says {said}"
        assert not asked, f"the page asks for {asked}"
