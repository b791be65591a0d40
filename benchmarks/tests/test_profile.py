"""How the profile is written: `python3 -m unittest discover benchmarks/tests`."""

import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import peers, process, profile  # noqa: E402


class Profile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.counts = pathlib.Path(folder.name)
        self.made = self.counts / "host-1.95.0.profdata"
        self.made.write_text("before")

    def count(self, processes):
        for number in range(processes):
            (self.counts / f"{number}.profraw").write_text("counted")

    def test_each_process_must_have_told_what_it_counted(self):
        self.count(2 * len(profile.TRAINING) - 1)
        self.assertRaises(process.Trouble, profile.merge, "true", self.counts, self.made)
        self.assertEqual(self.made.read_text(), "before")

    def test_a_tool_that_fails_leaves_the_profile_as_it_was(self):
        self.count(2 * len(profile.TRAINING))
        self.assertRaises(process.Missing, profile.merge, "false", self.counts, self.made)
        self.assertEqual(self.made.read_text(), "before")
        self.assertFalse(self.made.with_suffix(".new").exists())

    def test_the_tool_that_was_named_is_taken(self):
        with mock.patch.dict(os.environ, LLVM_PROFDATA="true"), mock.patch.object(profile, "rustc_says", lambda _: "host"):
            self.assertTrue(profile.find_profdata().endswith("/true"))

    def test_a_missing_tool_is_said_with_what_to_do(self):
        with mock.patch.dict(os.environ, {"LLVM_PROFDATA": ""}), mock.patch.object(profile, "rustc_says", lambda _: "host"):
            with mock.patch.object(profile.shutil, "which", lambda _: None):
                self.assertRaisesRegex(process.Missing, "rustup component add llvm-tools", profile.find_profdata)

    def test_who_is_trained_is_who_is_measured(self):
        for name in profile.TRAINING:
            self.assertFalse(peers.PEERS[name].rust, name)
