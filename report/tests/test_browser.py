"""The demonstration page in headless Chromium, opened from disk."""

from __future__ import annotations

import base64
import time
from xml.etree import ElementTree

import demo
import pytest
from browser import (
    SIZES,
    check_figures,
    check_no_sideways_scroll,
    check_page,
    column_cells,
    messages,
    open_page,
    screenshot,
    set_dark,
    set_scripts,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from digico_report.elements import Figure, Page, Section, Table
from digico_report.page import write

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write(demo.demo_page(), tmp_path_factory.mktemp("demo"))


@pytest.fixture
def page(driver, path):
    """The page, freshly opened, wide."""
    open_page(driver, path)
    yield driver
    set_scripts(driver, True)
    set_dark(driver, False)
    assert messages(driver) == []


def cells(driver, column, name="conditions"):
    return column_cells(driver, name, column)


def head(driver, column, name="conditions"):
    return driver.find_elements(By.CSS_SELECTOR, f"#{name} th")[column]


def click(driver, column):
    """Clicks a column header: what aria-sort then says, and the cells."""
    head(driver, column).find_element(By.TAG_NAME, "button").click()
    return head(driver, column).get_attribute("aria-sort"), cells(driver, column)


def wait(driver, condition, message):
    return WebDriverWait(driver, 5).until(lambda _: condition(), message)


def number(text):
    return float(text.replace("−", "-").replace(",", "").strip("[]").split()[0])


def test_what_holds_of_every_page(driver, path):
    check_page(driver, path)


def test_the_checks_see_a_figure_without_lines(driver, tmp_path):
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g/></svg>'
    empty = write(Page("P", "", (Section("s", "S", (Figure("f", "F", svg),)),)), tmp_path)
    with pytest.raises(AssertionError, match="figure f: nothing is drawn"):
        check_page(driver, empty)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ('<div style="width: 3000px">x</div>', "wider than the window"),
        ('<a href="#nowhere">x</a>', "links to nowhere"),
        ('<p id="s">x</p>', "repeated"),
        ('<img src="https://example.org/a.png">', "the console says .*Content Security Policy"),
        ("<script>console.warn(1)</script>", "the console says .*Content Security Policy"),
    ],
)
def test_the_checks_see_what_is_wrong(driver, tmp_path, more, why):
    wrong = write(Page("P", "", (Section("s", "S"),)), tmp_path)
    wrong.write_text(wrong.read_text().replace("</main>", f"{more}</main>"))
    with pytest.raises(AssertionError, match=why):
        check_page(driver, wrong)


def test_a_numeric_column_sorts_up_down_and_back(page):
    before = cells(page, 3)
    numbers = [text for text in before if text]
    empty = [""] * (len(before) - len(numbers))
    assert len(empty) == 9
    assert min(map(number, numbers)) < 0 < max(map(number, numbers))
    assert click(page, 3) == ("ascending", sorted(numbers, key=number) + empty)
    assert click(page, 3) == ("descending", sorted(numbers, key=number, reverse=True) + empty)
    assert click(page, 3) == ("none", before)


def test_a_text_column_sorts_by_the_reader_s_alphabet_and_stays_stable(page):
    before = list(zip(cells(page, 0), cells(page, 2), strict=True))
    order = ["act 2", "act 10", "all", "Évolue", "fix_at_zero", "influence", "none"]
    place = order.index
    click(page, 0)
    rows = list(zip(cells(page, 0), cells(page, 2), strict=True))
    assert rows == sorted(before, key=lambda row: place(row[0]))
    click(page, 0)
    rows = list(zip(cells(page, 0), cells(page, 2), strict=True))
    assert rows == sorted(before, key=lambda row: -place(row[0]))


def test_intervals_sort_by_their_lower_end_and_verdicts_by_their_words(page):
    _, intervals = click(page, 4)
    lows = [number(text) for text in intervals if text]
    assert lows == sorted(lows)
    assert set(intervals[len(lows) :]) == {""}
    _, verdicts = click(page, 7)
    words = [text.split(maxsplit=1)[1] for text in verdicts]
    assert words == sorted(words)
    assert head(page, 4).get_attribute("aria-sort") == "none"


def test_enter_on_a_header_sorts(page):
    button = head(page, 2).find_element(By.TAG_NAME, "button")
    button.send_keys(Keys.ENTER)
    button.send_keys(Keys.ENTER)
    assert head(page, 2).get_attribute("aria-sort") == "descending"
    assert cells(page, 2)[0] == "1,270"


def test_the_filter_shows_rows_with_all_words_and_counts_them(page):
    box = page.find_element(By.CSS_SELECTOR, "#conditions input")
    count = page.find_element(By.CSS_SELECTOR, "#conditions .count")
    before = cells(page, 0)
    assert count.text == "91 rows"
    box.send_keys("INFLUENCE text")
    shown = cells(page, 0)
    assert set(shown) == {"influence"}
    assert set(cells(page, 1)) == {"text"}
    assert count.text == f"{len(shown)} of 91 rows"
    click(page, 3)
    assert sorted(cells(page, 0)) == shown
    box.clear()
    box.send_keys("-1.5 1000")  # shown as −1.500 and 1,000
    assert cells(page, 2) == ["1,000"]
    box.send_keys("no such thing")
    assert count.text == "0 of 91 rows"
    box.clear()
    box.send_keys(Keys.SPACE, Keys.BACKSPACE)
    assert sorted(cells(page, 0)) == sorted(before)
    assert count.text == "91 rows"
    assert page.find_elements(By.CSS_SELECTOR, "#claims input") == []


def test_a_long_table_keeps_its_header_in_sight(page):
    gap = page.execute_script(
        "const box = document.querySelector('#conditions .box'); box.scrollTop = 1000;"
        "return [box.scrollTop, box.clientHeight, box.querySelector('th').getBoundingClientRect().top"
        " - box.getBoundingClientRect().top]"
    )
    assert gap[0] > 500
    assert gap[1] < 700
    assert abs(gap[2]) < 4


def test_help_of_a_column_is_told_three_ways(page):
    cell = head(page, 3)
    assert cell.get_attribute("title") == "Over seeds, last generation."
    told = page.find_element(By.ID, cell.get_attribute("aria-describedby"))
    assert told.get_attribute("textContent") == "Over seeds, last generation."
    page.find_element(By.CSS_SELECTOR, "#conditions .help summary").click()
    assert told.is_displayed()


@pytest.mark.parametrize("name", ["effects", "update", "method", "model"])
def test_contents_lead_to_their_sections_and_mark_where_one_is(page, name):
    link = page.find_element(By.CSS_SELECTOR, f'#contents a[href="#{name}"]')
    link.click()
    assert page.current_url.endswith(f"#{name}")
    top = "return document.getElementById(arguments[0]).getBoundingClientRect().top"
    assert -5 <= page.execute_script(top, name) < 300
    wait(page, lambda: link.get_attribute("aria-current") == "location", f"{name} is not marked")
    assert len(page.find_elements(By.CSS_SELECTOR, "#contents [aria-current]")) == 1
    assert link.is_displayed()  # the contents came along


def test_contents_fold_where_the_window_is_narrow(driver, path):
    open_page(driver, path, SIZES[1])
    link = driver.find_element(By.CSS_SELECTOR, "#contents a")
    wait(driver, lambda: not link.is_displayed(), "contents do not fold")
    driver.find_element(By.CSS_SELECTOR, "#contents summary").click()
    assert link.is_displayed()


def test_permalinks_lead_to_figures_and_tables(page):
    for name in ("curves", "conditions"):
        page.find_element(By.CSS_SELECTOR, f"#{name} .permalink").click()
        assert page.current_url.endswith(f"#{name}")
        assert page.execute_script("return document.querySelector(':target').id") == name


def test_downloads_leave_the_files(page, tmp_path):
    behaviour = {"behavior": "allow", "downloadPath": str(tmp_path)}
    page.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    made = demo.demo_page()
    for block, suffix in ((made.blocks(Table)[1], "csv"), (made.blocks(Figure)[0], "svg")):
        page.find_element(By.CSS_SELECTOR, f"#{block.name} .download").click()
        file = tmp_path / f"{block.name}.{suffix}"
        wait(page, file.exists, f"{file.name} was not saved")
        time.sleep(0.1)
        saved = file.read_text(encoding="utf-8")
        if suffix == "csv":
            assert saved == block.to_csv()
        else:  # the drawing of the page, as the browser writes it
            assert ElementTree.canonicalize(saved) == ElementTree.canonicalize(block.svg)


@pytest.mark.parametrize("size", SIZES)
def test_it_can_be_read_without_scripts(page, path, size):
    set_scripts(page, False)
    open_page(page, path, size)
    check_figures(page)
    check_no_sideways_scroll(page)
    assert page.find_elements(By.CSS_SELECTOR, "th button") == []
    assert not page.find_element(By.CSS_SELECTOR, "#conditions input").is_displayed()
    assert page.find_element(By.CSS_SELECTOR, "#conditions .count").text == "91 rows"
    link = page.find_element(By.CSS_SELECTOR, '#contents a[href="#method"]')
    assert link.is_displayed()
    link.click()
    assert page.current_url.endswith("#method")


def colour(driver, selector):
    """Background of an element, 0 (black) to 255."""
    script = "return getComputedStyle(document.querySelector(arguments[0])).backgroundColor"
    channels = driver.execute_script(script, selector).split("(")[1].rstrip(")").split(",")[:3]
    return sum(map(float, channels)) / 3


def test_dark_is_dark_and_figures_stay_on_white(page, path, tmp_path):
    assert colour(page, "html") == 255
    set_dark(page, True)
    open_page(page, path)
    assert colour(page, "html") < 40
    assert colour(page, "thead th") < 40
    assert colour(page, ".card") == 255
    check_figures(page)
    screenshot(page, tmp_path / "dark.png")
    assert (tmp_path / "dark.png").stat().st_size > 10_000


def test_it_prints_all_rows(page):
    pdf = page.execute_cdp_cmd("Page.printToPDF", {})["data"]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    box = page.find_element(By.CSS_SELECTOR, "#conditions .box")
    assert box.size["height"] > 91 * 15
    assert not page.find_element(By.ID, "contents").is_displayed()
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert base64.b64decode(pdf).startswith(b"%PDF")
