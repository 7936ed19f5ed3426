"""A copy of what the tools read, for tests that change it, and a way to run them on it."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class ScratchTest(unittest.TestCase):
    """A test on a copy of some folders of the tree."""

    tool = ""
    copied: tuple[str, ...] = ()

    def setUp(self):
        """Copy the folders to a place that goes with the test."""
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tree = Path(scratch.name)
        for top in self.copied:
            shutil.copytree(ROOT / top, self.tree / top)

    @classmethod
    def run_on(cls, tree, *arguments):
        """Return the lines that the tool prints; its exit code tells whether there are any."""
        command = [sys.executable, "-B", str(ROOT / cls.tool), *arguments, str(tree)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stderr == "", done.stderr
        lines = done.stdout.splitlines()
        assert done.returncode == (1 if lines else 0), done.returncode
        return lines

    def plant(self, file, *lines):
        """Write a file of the copy."""
        (self.tree / file).parent.mkdir(exist_ok=True, parents=True)
        (self.tree / file).write_text("\n".join(lines) + "\n")
