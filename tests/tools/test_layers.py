#!/usr/bin/env -S python3 -B
"""Tests of tools/layers: mistakes are planted in a copy of the sources, each is named with its line."""

import unittest

from scratch import ROOT, ScratchTest


class Layers(ScratchTest):
    tool = "tools/layers"
    copied = ("include", "kernels", "host", "bench", "tests/emulator")

    @classmethod
    def setUpClass(cls):
        cls.before = cls.run_on(ROOT)

    def expect(self, *expected):
        """Expect these findings and no others beside those that the tree has by itself."""
        found = [line for line in self.run_on(self.tree) if line not in self.before]
        assert found == list(expected), "\n".join(["found:", *found])

    def test_a_copy_has_the_findings_of_the_tree(self):
        self.expect()

    def test_an_include_of_a_higher_floor(self):
        self.plant("host/engine/planted.h")
        self.plant("host/base/planted.c", "/* why */", '#include "host/engine/planted.h"')
        self.expect(
            "host/base/planted.c:2: includes host/engine/planted.h of host/engine, "
            "expected a folder below host/base (tools/layers/floors.py)"
        )

    def test_an_include_of_the_host_by_a_kernel(self):
        self.plant("host/base/planted.h")
        self.plant("kernels/science/planted.h", "", '#  include "host/base/planted.h"')
        self.expect(
            "kernels/science/planted.h:2: includes host/base/planted.h of host/base, "
            "expected a folder below kernels/science (tools/layers/floors.py)"
        )

    def test_an_include_of_a_floor_beside(self):
        self.plant("kernels/cpu/planted.h")
        self.plant("kernels/cuda/planted.cu", '#include "../cpu/planted.h"')
        self.expect(
            "kernels/cuda/planted.cu:1: includes ../cpu/planted.h of kernels/cpu, "
            "expected in host/backends and host/models alone"
        )
        self.plant("kernels/cuda/planted.cu")
        self.plant("host/summary/planted.h")
        self.plant("host/slurm/planted.c", '#include "host/summary/planted.h"')
        self.expect(
            "host/slurm/planted.c:1: includes host/summary/planted.h of host/summary, "
            "expected a folder below host/slurm (tools/layers/floors.py)"
        )

    def test_an_include_of_a_schedule(self):
        self.plant("kernels/cuda/planted.h")
        self.plant("host/backends/planted.c", "#include <kernels/cuda/planted.h>")
        self.plant("host/cli/planted.c", '#include "kernels/cuda/planted.h"')
        self.expect(
            "host/cli/planted.c:1: includes kernels/cuda/planted.h of kernels/cuda, "
            "expected in host/backends alone"
        )

    def test_an_include_of_tests(self):
        self.plant("host/config/planted.c", '#include "emulator.h"')
        self.expect(
            "host/config/planted.c:1: includes emulator.h of tests/emulator, "
            "expected a folder below host/config (tools/layers/floors.py)"
        )

    def test_an_include_of_no_file(self):
        self.plant("host/config/planted.c", "#include <stdio.h>", '#include "planted.h"')
        self.expect('host/config/planted.c:2: includes "planted.h", expected a file of this tree')

    def test_a_function_of_a_higher_floor_that_a_lower_one_declares(self):
        self.plant("host/engine/planted.c", "int dg_planted(int *a)", "{", "    return *a;", "}")
        self.plant("host/base/planted.h", "int dg_planted(int *a);")
        self.plant(
            "host/base/planted.c",
            '#include "planted.h"',
            "static int use(int a)",
            "{",
            "    /* as dg_planted() does */",
            "    return dg_planted(&a);",
            "}",
        )
        self.expect(
            "host/base/planted.c:5: uses dg_planted of host/engine, "
            "expected a folder below host/base (tools/layers/floors.py)"
        )

    def test_a_circle_of_headers(self):
        self.plant("host/base/planted_a.h", "", '#include "host/base/planted_b.h"')
        self.plant("host/base/planted_b.h", '#include "planted_c.h"')
        self.plant("host/base/planted_c.h", "", "", '#include "planted_a.h"')
        self.expect(
            "host/base/planted_a.h:2: includes host/base/planted_b.h of host/base/planted_b.h: a circle with "
            "host/base/planted_b.h:1 includes planted_c.h, host/base/planted_c.h:3 includes planted_a.h, "
            "expected none"
        )

    def test_a_circle_of_functions_and_tables(self):
        self.plant(
            "host/store/planted_a.c", "int dg_planted_a(void)", "{", "    return dg_planted_b[0];", "}"
        )
        self.plant("host/store/planted_b.c", "const int dg_planted_b[1] = {0};")
        self.expect()
        self.plant(
            "host/store/planted_b.c",
            "const int dg_planted_b[1] = {0};",
            "int dg_planted_c(void)",
            "{",
            "    return dg_planted_a();",
            "}",
        )
        self.expect(
            "host/store/planted_a.c:3: uses dg_planted_b of host/store/planted_b.c: a circle with "
            "host/store/planted_b.c:4 uses dg_planted_a, expected none"
        )

    def test_prints_and_exits_outside_the_command_line(self):
        lines = (
            "/* printf(text) and",
            " * exit(1) */",
            'static const char *text = "puts(\\"it\\")";',
            "    snprintf(text, 3, format);",
            "    printf(text);",
            "    fputs(text, stderr); // abort()",
            "    exit(1);",
        )
        self.plant("host/cli/planted.c", *lines)
        self.plant("kernels/cuda/planted.h", *lines)
        self.plant("host/store/planted.c", *lines)
        self.expect(
            *(
                f"{file}:{line}: {what}, expected in host/cli alone"
                for file in ("kernels/cuda/planted.h", "host/store/planted.c")
                for line, what in ((5, "printf"), (6, "stderr"), (7, "exit"))
            )
        )

    def test_a_folder_without_a_floor(self):
        self.plant("host/planted/planted.c")
        self.expect(
            "host/planted/planted.c:1: host/planted has no floor, expected a row in tools/layers/floors.py"
        )

    def test_a_floor_without_a_folder(self):
        for file in (self.tree / "host/slurm").iterdir():
            file.unlink()
        expected = "tools/layers/floors.py:1: host/slurm has no sources, expected a folder of the tree"
        assert expected in self.run_on(self.tree)

    def test_a_crowd(self):
        present = len(list((self.tree / "host/slurm").iterdir()))
        for number in range(45 - present):
            self.plant(f"host/slurm/planted_{number}.c")
        self.expect()
        self.plant("host/slurm/planted.h")
        self.expect("host/slurm:1: 46 sources, expected at most 45")


if __name__ == "__main__":
    unittest.main()
