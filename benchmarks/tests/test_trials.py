"""What the trials' verdicts are made of: `python3 -m unittest discover benchmarks/tests`."""

import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import machine  # noqa: E402
from harness.process import Missing, Trouble  # noqa: E402
from harness.trials import catalogue, main, processes, report  # noqa: E402
from harness.trials.catalogue import TRIALS, least, most  # noqa: E402


def sample(condition, repeat=0, **figures):
    return {"condition": condition, "repeat": repeat, **figures}


def result(samples):
    facts = {"date": "today", "commit": "abc", "machine": "m", "jvm": "j", "command": "c", "quick": False, "seconds": 1, "others": 0.01}
    return {"facts": facts, "samples": samples}


class Goals(unittest.TestCase):
    def test_a_ratio_is_taken_within_a_repeat(self):
        goal = least("kept", "short", "mib_per_s", 0.5, of="quiet")
        samples = [sample("quiet", 0, mib_per_s=100), sample("short", 0, mib_per_s=60), sample("short", 1, mib_per_s=1)]
        self.assertEqual(goal.values(samples), [0.6])

    def test_the_median_decides_where_not_each_counts(self):
        goal = least("kept", "short", "mib_per_s", 0.5)
        self.assertTrue(goal.reached([0.1, 0.5, 0.9]))
        self.assertFalse(goal.reached([0.1, 0.4, 0.9]))

    def test_the_worst_decides_where_each_counts(self):
        self.assertFalse(most("failed", "calls", "failed", 0, each=True).reached([0, 0, 1]))
        self.assertTrue(most("failed", "calls", "failed", 0, each=True).reached([0, 0, 0]))
        self.assertFalse(least("in time", "calls", "within_1s", 99, each=True).reached([100, 98.9]))

    def test_a_goal_without_a_sample_is_not_told_of(self):
        data = {"trials": {"dead": result([sample("alive", since_back_s=1)])}}
        self.assertNotIn("reached", report.goals(["dead"], data))

    def test_each_goal_is_about_a_row(self):
        for name, trial in TRIALS.items():
            figures = [row.figure for row in trial.rows]
            self.assertEqual(len(figures), len(set(figures)), name)
            for goal in trial.goals:
                self.assertIn(goal.figure, figures, f"{name}: {goal.title}")


class Report(unittest.TestCase):
    def test_what_was_missed_is_said(self):
        document = report.document({"trials": {"dead": result([sample("killed", 0, since_kill_s=3.0, since_back_s=2.5)])}})
        self.assertIn("| dead | s from when the new one listens | ≤ 2 | 2.50 | **missed** |", document)

    def test_what_could_not_be_measured_is_said(self):
        document = report.document({"trials": {}, "skipped": {"disk": "no mount"}})
        self.assertIn("- `disk`: no mount", document)

    def test_conditions_stand_in_the_order_of_the_first_repeat(self):
        samples = [sample("b", 0, qlog_dropped=0, attempts=1), sample("a", 0, attempts=1), sample("a", 1, attempts=1)]
        self.assertIn("| b | a |", report.table(TRIALS["disk"], samples))


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        path = pathlib.Path(self.folder.name)
        for patch in (
            mock.patch.object(machine, "BENCHMARKS", path),
            mock.patch.object(machine, "find_java", lambda: "java"),
            mock.patch.object(machine, "facts", lambda *_: dict(result([])["facts"])),
            mock.patch.object(main, "RESULTS", path / "trials.json"),
            mock.patch.object(main, "say", lambda *_: None),
            mock.patch("builtins.print"),
        ):
            patch.start()
            self.addCleanup(patch.stop)

    def run_trial(self, name, outcome, *more):
        def measure(*_):
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome, 1.0, 0.0

        with mock.patch.object(main, "measure", measure):
            return main.main(["--no-build", name, *more])

    def test_a_trial_that_is_run_alone_keeps_the_others(self):
        self.run_trial("dead", [sample("killed", since_back_s=1.0)])
        self.run_trial("churn", [sample("cycles", rss_mib=1.0)])
        self.assertEqual(list(main.read()["trials"]), ["dead", "churn"])
        self.assertIn("## Endpoints", (machine.BENCHMARKS / "TRIALS.md").read_text())

    def test_a_quick_run_writes_nothing(self):
        self.assertEqual(self.run_trial("dead", [sample("killed", since_back_s=1.0)], "--quick"), 0)
        self.assertFalse((machine.BENCHMARKS / "TRIALS.md").exists())

    def test_a_trial_that_fails_fails_the_command_and_one_that_cannot_run_is_told_of(self):
        self.assertEqual(self.run_trial("dead", Trouble("it ended")), 1)
        self.assertEqual(self.run_trial("disk", Missing("no mount")), 0)
        self.assertEqual(main.read()["skipped"], {"dead": "it ended", "disk": "no mount"})

    def test_a_trial_that_fails_takes_its_old_figures_with_it(self):
        self.run_trial("dead", [sample("killed", since_back_s=1.0)])
        self.run_trial("dead", Missing("no java"))
        self.assertIn("dead", main.read()["trials"])
        self.run_trial("dead", Trouble("it ended"))
        self.assertNotIn("dead", main.read()["trials"])

    def test_a_trial_that_is_aborted_is_told_of_and_the_others_are_kept(self):
        self.run_trial("dead", [sample("killed", since_back_s=1.0)])
        self.assertEqual(self.run_trial("churn", KeyboardInterrupt()), 130)
        text = (machine.BENCHMARKS / "TRIALS.md").read_text()
        self.assertIn("## A killed server", text)
        self.assertIn("- `churn`: aborted", text)

    def test_a_trial_that_is_aborted_keeps_what_it_measured_before(self):
        self.run_trial("dead", [sample("killed", since_back_s=1.0)])
        self.assertEqual(self.run_trial("dead", KeyboardInterrupt()), 130)
        self.assertEqual((list(main.read()["trials"]), main.read()["skipped"]), (["dead"], {}))

    def test_an_unknown_trial_is_refused(self):
        with mock.patch("sys.stderr"), self.assertRaises(SystemExit):
            main.arguments(["nonsense"])


class Processes(unittest.TestCase):
    def test_options_are_written_as_the_programs_take_them(self):
        self.assertEqual(processes.said({"reset_key": "x", "port": 1, "qlog": None}), ["--reset-key", "x", "--port", "1"])

    def test_what_a_process_said_last_is_told_when_it_ends(self):
        with tempfile.TemporaryDirectory() as folder:
            process = processes.Process(["sh", "-c", "echo broken >&2"], folder)
            with self.assertRaisesRegex(Trouble, "broken"):
                process.line(10)
            process.stop()


if __name__ == "__main__":
    unittest.main()
