#!/usr/bin/env -S python3 -B
"""Tests of what a build calls itself (Makefile): no two of unlike sources alike, also outside of git."""

import os
import shutil
import subprocess
import unittest

from scratch import ROOT, ScratchTest


class Commit(ScratchTest):
    copied = ("make", "host/base", "kernels/science", "include")

    def setUp(self):
        """Without a commit; a folder above may be a checkout."""
        super().setUp()
        shutil.copy(ROOT / "Makefile", self.tree)

    def git(self, *words):
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "-C", str(self.tree), *who, *words], check=True, capture_output=True)

    def commit(self):
        """Of the program that the copy would build."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "MAKE", "MFLAGS"))}
        command = ["make", "-s", "-C", str(self.tree), "print-commit"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        return done.stdout.strip().removeprefix("commit = ")

    def test_outside_of_git_the_sources_tell(self):
        first = self.commit()
        assert first.startswith("unknown-"), first
        assert self.commit() == first
        self.plant("host/base/other.c", "int other;")
        second = self.commit()
        assert second.startswith("unknown-"), second
        assert second != first, second

    def test_an_untracked_copy_in_a_checkout_is_not_of_its_commit(self):
        self.git("init")
        self.git("commit", "--allow-empty", "-m", "a")
        assert self.commit().startswith("unknown-"), self.commit()

    def test_in_git_the_commit_tells_and_changes_are_told_apart(self):
        self.git("init")
        self.git("add", "-A")
        self.git("commit", "-m", "a")
        clean = self.commit()
        assert "-" not in clean, clean
        self.plant("Makefile", (self.tree / "Makefile").read_text(), "# a")
        first = self.commit()
        assert first.startswith(f"{clean}-dirty-"), first
        self.plant("host/base/hash.h", "/* b */")
        assert self.commit() not in (clean, first), first


if __name__ == "__main__":
    unittest.main()
