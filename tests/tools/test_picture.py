#!/usr/bin/env -S python3 -B
"""Tests of what tools/layers draws: picture and table follow the sources, the same bytes each time."""

import re
import unittest
import xml.etree.ElementTree as ElementTree

from scratch import ScratchTest

PICTURE, PAGE = "docs/images/architecture.svg", "docs/ARCHITECTURE.md"


class Picture(ScratchTest):
    tool = "tools/layers"
    copied = ("include", "kernels", "host", "bench", "tests/emulator", "docs")

    def setUp(self):
        super().setUp()
        assert self.run_on(self.tree, "--draw") == []

    def read(self, file):
        return (self.tree / file).read_text()

    def numbers(self):
        return [int(n) for n in re.findall(r'class="count"[^>]*>(\d+)<', self.read(PICTURE))]

    def test_the_same_sources_give_the_same_bytes(self):
        before = self.read(PICTURE), self.read(PAGE)
        assert self.run_on(self.tree, "--draw") == []
        assert before == (self.read(PICTURE), self.read(PAGE))
        assert self.run_on(self.tree, "--drawn") == []

    def test_the_picture_is_small_and_well_formed(self):
        assert len(self.read(PICTURE).encode()) < 15000
        ElementTree.fromstring(self.read(PICTURE))

    def test_an_include_more_is_counted(self):
        before = sum(self.numbers())
        self.plant("host/base/planted.h", '#include "kernels/backend.h"', '#include "host/base/error.h"')
        stale = f"{PICTURE}:"
        assert [line.startswith(stale) for line in self.run_on(self.tree, "--drawn")] == [True]
        assert self.run_on(self.tree, "--draw") == []
        assert sum(self.numbers()) == before + 1

    def test_an_include_that_leads_up_is_red(self):
        before = self.read(PICTURE).count('class="up"')
        self.plant("host/base/planted.h", '#include "host/cli/command.h"')
        assert self.run_on(self.tree, "--draw") == []
        assert self.read(PICTURE).count('class="up"') == before + 1

    def test_a_change_by_hand_is_named_by_its_line(self):
        lines = self.read(PAGE).splitlines()
        row = next(n for n, line in enumerate(lines) if "`host/store`" in line)
        self.plant(PAGE, *lines[:row], lines[row].replace("lower floors", "all floors"), *lines[row + 1 :])
        self.plant(PICTURE, *self.read(PICTURE).splitlines()[:-1])
        what = "not what the sources give, expected what `make picture` writes"
        end = len(self.read(PICTURE).splitlines()) + 1
        assert self.run_on(self.tree, "--drawn") == [f"{PICTURE}:{end}: {what}", f"{PAGE}:{row + 1}: {what}"]


if __name__ == "__main__":
    unittest.main()
