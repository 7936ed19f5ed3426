"""A page as a file: well formed, escaped, whole by itself, and refused where its links would be ambiguous."""

from __future__ import annotations

import base64
import csv
import dataclasses
import hashlib
import io
import re
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree

import demo
import numpy as np
import pytest

from digico_report.elements import Column, Figure, Listing, Page, Section, Table, Text
from digico_report.page import render, write
from digico_report.page.cells import make_cell
from digico_report.results import ReportError

VOID = {"meta", "link", "input", "br", "hr", "img"}
HOSTILE = "<script>alert('x')</script> \"quoted\" & `<b>`"


class Outline(HTMLParser):
    """Start tags with their attributes, texts; counts what is not closed."""

    def __init__(self, html: str):
        super().__init__()
        self.open, self.tags, self.wrong = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.wrong.append(f"<{tag}> repeats an attribute")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def page_of(*blocks, **options):
    return Page("Title", "", (Section("one", "One", blocks),), **options)


def figure(name="a", inside='<path d="M0 0H9" stroke="#000"/>'):
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>'
    return Figure(name, "A figure", svg)


def table_of(kind, *values, name="t", digits=3):
    return Table(name, "T", (Column("v", "V", kind, digits),), tuple({"v": value} for value in values))


def shown(kind, value, digits=3):
    table = table_of(kind, value, digits=digits)
    return make_cell(table, table.columns[0], table.rows[0])


@pytest.fixture(scope="module")
def html():
    return render(demo.demo_page())


def test_every_element_is_closed_and_every_id_is_unique(html):
    outline = Outline(html)
    assert outline.wrong == []
    assert outline.open == []
    ids = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert all(" " not in name for name in ids)


def test_it_has_the_landmarks_and_headings_in_order(html):
    outline = Outline(html)
    for tag, count in (("main", 1), ("header", 1), ("nav", 1), ("h1", 1), ("h2", 3), ("h3", 3)):
        assert len(outline.all(tag)) == count, tag
    assert {"class": "skip", "href": "#main"} in outline.all("a")


def test_links_in_the_page_lead_to_an_id(html):
    outline = Outline(html)
    ids = {attrs["id"] for _, attrs in outline.tags if "id" in attrs}
    targets = [attrs["href"][1:] for attrs in outline.all("a") if attrs["href"].startswith("#")]
    assert set(targets) <= ids
    assert {"overview", "update", "views", "conditions"} <= set(targets)
    described = {word for _, attrs in outline.tags for word in attrs.get("aria-describedby", "").split()}
    assert described
    assert described <= ids


def test_it_asks_nothing_of_a_network(html):
    for tag, attrs in Outline(html).tags:
        for name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster"):
            assert attrs.get(name, "#").startswith(("#", "data:", "figures/")), (tag, attrs[name][:80])
    assert not re.search(r"@import|url\(\s*['\"]?(?!#|data:)", html)


def test_its_policy_forbids_the_network_and_knows_the_script(html):
    outline = Outline(html)
    policy = outline.all("meta")[1]["content"]
    assert policy.startswith("default-src 'none'; ")
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == 1
    told = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{told}'" in policy
    assert "http" not in policy


def test_hostile_text_stays_text():
    columns = (Column('k"><b>', HOSTILE, help=HOSTILE),)
    table = Table("t", HOSTILE, columns, ({'k"><b>': HOSTILE},), HOSTILE)
    drawing = dataclasses.replace(figure(), title=HOSTILE, caption=HOSTILE, alt=HOSTILE)
    inner = Section("two", HOSTILE, (Text(HOSTILE, "warning"), Listing(HOSTILE, HOSTILE)))
    page = Page(
        HOSTILE,
        HOSTILE,
        (Section("one", HOSTILE, (table, drawing, Text(HOSTILE), inner)),),
        HOSTILE,
        ((HOSTILE, HOSTILE),),
    )
    outline = Outline(render(page))
    assert outline.wrong == []
    assert len(outline.all("script")) == 1
    assert outline.all("b") == []
    assert all(not name.startswith("on") for _, attrs in outline.tags for name in attrs)


def test_backquotes_mark_code():
    html = render(page_of(Text("the key `a.b` and `c<d`, one ` alone")))
    assert "the key <code>a.b</code> and <code>c&lt;d</code>, one ` alone" in html


def test_figures_are_numbered_in_order_and_named_for_those_who_do_not_see(html):
    titles = re.findall(r"Figure (\d)\.</span> ([^<]+?) <a", html)
    names = [f.title for f in demo.demo_page().blocks(Figure)]
    assert titles == [(str(n), name) for n, name in enumerate(names, 1)]
    told = [attrs["aria-label"] for attrs in Outline(html).all("div") if attrs.get("role") == "img"]
    assert told == [f.alt for f in demo.demo_page().blocks(Figure)]


def test_downloads_in_the_page_are_the_files(html):
    links = {a["download"]: a["href"] for a in Outline(html).all("a") if "download" in a}
    page = demo.demo_page()
    for table in page.blocks(Table):
        head, data = links.pop(f"{table.name}.csv").split(",", 1)
        assert head == "data:text/csv;charset=utf-8"
        assert unquote(data) == table.to_csv()
    for drawn in page.blocks(Figure):
        # beside the page; with scripts, the drawing of the page itself (test_browser.py)
        assert links.pop(f"{drawn.name}.svg") == f"figures/{drawn.name}.svg"
    assert links == {}


def test_what_is_too_long_for_a_link_is_offered_from_beside_the_page():
    table = table_of("text", "x" * 2_000_000)
    links = [a["href"] for a in Outline(render(page_of(table))).all("a") if "download" in a]
    assert links == ["tables/t.csv"]


@pytest.mark.parametrize(
    ("kind", "value", "text", "sort"),
    [
        ("number", -1.23456, "−1.235", "-1.23456"),
        ("number", -0.0001, "0.000", "-0.0001"),
        ("number", 12345.6, "12,345.600", "12345.6"),
        ("number", 2.5e12, "2.500e+12", "2500000000000.0"),
        ("number", float("inf"), "∞", "Infinity"),
        ("number", float("-inf"), "−∞", "-Infinity"),
        ("number", float("nan"), "", ""),
        ("number", np.float32("nan"), "", ""),
        ("number", np.float32(0.5), "0.500", "0.5"),
        ("number", None, "", ""),
        ("number", "not recorded", "not recorded", ""),
        ("integer", np.int64(-1000), "−1,000", "-1000.0"),
        ("integer", 3.0, "3", "3.0"),
        ("integer", 2.5, "2.5", "2.5"),
        ("interval", (-0.5, 0.25), "[−0.500, 0.250]", "-0.5"),
        ("interval", (None, 0.25), "[…, 0.250]", ""),
        ("interval", (float("nan"), None), "", ""),
        ("interval", None, "", ""),
        ("spread", (0.337, 0.0384), "0.337 ± 0.038", "0.337"),
        ("spread", (0.5, None), "0.500", "0.5"),
        ("spread", (None, None), "", ""),
        ("text", 0.1, "0.1", ""),
    ],
)
def test_cells(kind, value, text, sort):
    cell = shown(kind, value)
    assert (cell.text, cell.value) == (text, sort)


def test_digits_are_those_of_the_column():
    assert shown("number", 1.23456, 1).text == "1.2"
    assert shown("interval", (1.23456, 2), 0).text == "[1, 2]"


def test_verdicts_are_badges_with_a_sign_and_what_else_they_say():
    cell = shown("verdict", "not supported: p = 0.4")
    assert (cell.badge.text, cell.badge.sign, cell.badge.tone) == ("not supported", "✗", "bad")
    assert cell.text == "p = 0.4"
    assert shown("verdict", "agrees").text == ""
    assert shown("verdict", None).badge is None


@pytest.mark.parametrize("text", ["perhaps", "agreeswith", "Agrees"])
def test_an_unknown_verdict_is_refused(text):
    with pytest.raises(ReportError, match=r"table 't'.*begins with no verdict"):
        render(page_of(table_of("verdict", text)))


def test_short_tables_have_no_filter_and_long_ones_a_box():
    def classes(count):
        outline = Outline(render(page_of(table_of("integer", *range(count)))))
        return len(outline.all("input")), {"class": "box long"}.items() <= outline.all("div")[-1].items()

    assert classes(15) == (0, False)
    assert classes(16) == (1, False)
    assert classes(40) == (1, False)
    assert classes(41) == (1, True)


def test_a_notice_and_facts_are_shown_and_nothing_without_them():
    with_them = render(page_of(notice="Only a trial.", facts=(("Runs", "3"),)))
    assert "Only a trial." in with_them
    assert "<dt>Runs</dt><dd>3</dd>" in with_them
    without = Outline(render(page_of()))
    assert not without.all("dl")
    assert not any(attrs.get("class") == "notice" for attrs in without.all("div"))


@pytest.mark.parametrize(
    ("blocks", "why"),
    [
        ((figure("a"), figure("a")), "'a' occurs twice, first in figure 'a'"),
        ((figure("one"),), "'one' occurs twice, first in section 'one'"),
        ((table_of("text", name="a"), figure("a")), "'a' occurs twice"),
        ((figure("main"),), "'main' occurs twice, first in the page"),
        (
            (figure("a", '<g id="x"/>'), figure("b", '<g id="x"/>')),
            "figure 'b'.*'x' occurs twice.*figure 'a'",
        ),
        ((figure("a", '<g id="one"/>'),), "figure 'a'.*'one' occurs twice, first in section 'one'"),
        ((figure("A b"),), "a name is made of"),
        ((figure("a", "<g>"),), "not well-formed"),
        ((figure("a", "<script>1</script>"),), "no script"),
        ((figure("a", '<g onclick="1"/>'),), "no script"),
        ((figure("a", '<image href="https://example.org/a.png"/>'),), "outside of the page"),
        ((Figure("a", "A", "<div/>"),), "not a whole <svg>"),
    ],
)
def test_what_cannot_be_linked_or_drawn_is_refused(blocks, why):
    with pytest.raises(ReportError, match=why):
        render(page_of(*blocks))


def test_write_leaves_page_tables_and_figures_whole(tmp_path):
    page = demo.demo_page()
    index = write(page, tmp_path / "out")
    assert index.read_text(encoding="utf-8") == render(page)
    files = sorted(str(f.relative_to(tmp_path / "out")) for f in (tmp_path / "out").rglob("*.*"))
    assert files == [
        "figures/bars.svg",
        "figures/curves.svg",
        "figures/update-views.svg",
        "figures/views.svg",
        "index.html",
        "tables/claims.csv",
        "tables/conditions.csv",
    ]
    for file in (tmp_path / "out/figures").iterdir():
        assert ElementTree.parse(file).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_csv_reads_back_in_full_precision(tmp_path):
    write(demo.demo_page(), tmp_path)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "tables/conditions.csv").read_text(encoding="utf-8"))))
    table = demo.long_table()
    assert len(rows) == 91
    for row, made in zip(rows, table.rows, strict=True):
        assert row["key"] == made["key"]
        assert row["verdict"] == made["verdict"]
        assert float(row["difference"]) == made["difference"]
        assert (float(row["mean"]) == made["mean"]) if row["mean"] else np.isnan(made["mean"])
        low, high = made["interval"] or ("", "")
        assert (row["interval_low"], row["interval_high"]) == (str(low), str(high))


def test_empty_cells_are_empty_in_csv_too():
    table = table_of("interval", None, float("nan"), (np.float32("nan"), 1.5))
    assert table.to_csv() == "v_low,v_high\n,\n,\n,1.5\n"
    assert table_of("number", None, float("nan"), np.float32("nan"), 0.1).to_csv() == 'v\n""\n""\n""\n0.1\n'


def test_a_page_that_cannot_be_rendered_leaves_the_old_one(tmp_path):
    write(page_of(Text("old")), tmp_path)
    with pytest.raises(ReportError):
        write(page_of(figure("a"), figure("a")), tmp_path)
    assert "old" in (tmp_path / "index.html").read_text()
    assert [f.name for f in tmp_path.iterdir()] == ["index.html"]


def test_files_of_an_earlier_page_go(tmp_path):
    write(page_of(figure(name="a"), figure(name="b")), tmp_path)
    (tmp_path / "figures" / "notes.txt").write_text("mine", encoding="utf-8")
    write(page_of(figure(name="b")), tmp_path)
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == ["b.svg", "notes.txt"]
