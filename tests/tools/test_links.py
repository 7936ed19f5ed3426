#!/usr/bin/env -S python3 -B
"""Tests of tools/links.py: pages that point at what is not there, each named with its line."""

import unittest

from scratch import ScratchTest


class Links(ScratchTest):
    tool = "tools/links.py"

    def setUp(self):
        super().setUp()
        self.plant(
            "docs/there.md", "# Some *words*, `code` & more", "## Again", "## Again", "```", "# no", "```"
        )
        self.plant("host/base/a.c", "void dg_named(void)")

    def expect(self, *expected):
        found = self.run_on(self.tree)
        assert found == list(expected), "\n".join(["found:", *found])

    def test_what_is_there(self):
        self.plant(
            "README.md",
            "[a](docs/there.md), ![b](docs/there.md) and [a text over",
            "lines](docs/there.md#again-1), [c](docs/there.md#some-words-code--more),",
            "[d](https://example.org/none.md), [e](#here), [f](docs/there.md 'title')",
            "# Here",
            "| `dg_named()` | `host/base/a.c` |",
            "`host/base`, `host/base/`, `other/base/none.c`, `dg_none()` of `host/base/a.c`",
            "",
            "    [in code](none.md), `host/base/none.c`",
            "`[in code](none.md)`",
        )
        self.expect()

    def test_links_to_no_file(self):
        self.plant("docs/a.md", "", "[a](there.md), [b](docs/there.md), [c", "d](none.md), ![e](none.svg)")
        self.expect(
            "docs/a.md:2: link docs/there.md, expected a file of this tree",
            "docs/a.md:3: link none.md, expected a file of this tree",
            "docs/a.md:3: link none.svg, expected a file of this tree",
        )

    def test_links_to_no_heading(self):
        self.plant(
            "a.md", "[a](#none)", "[b](docs/there.md#no), [c](docs/there.md#again-2), [d](host/base/a.c#L1)"
        )
        self.expect(
            "a.md:1: link #none, expected a heading of a.md",
            "a.md:2: link docs/there.md#no, expected a heading of there.md",
            "a.md:2: link docs/there.md#again-2, expected a heading of there.md",
            "a.md:2: link host/base/a.c#L1, expected a heading of a.c",
        )

    def test_paths_and_names_that_are_gone(self):
        self.plant(
            "docs/a.md", "`host/base/none.c`", "| `dg_none()`, `dg_named()`, `void()` | `host/base/a.c` |"
        )
        self.expect(
            "docs/a.md:1: `host/base/none.c`, expected a path of this tree",
            "docs/a.md:2: `dg_none()`, expected a name that host/base/a.c has",
            "docs/a.md:2: `void()`, expected a name that host/base/a.c has",
        )

    def test_what_builds_leave_is_not_read(self):
        self.plant("build/venv/a.md", "[a](none.md)")
        self.expect()


if __name__ == "__main__":
    unittest.main()
