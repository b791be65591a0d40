"""What the figures are made of: `python3 -m unittest discover benchmarks/tests`."""

import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import goals, main, process, report, sampling, store  # noqa: E402
from harness.peers import PEERS  # noqa: E402
from harness.workloads import GROUPS  # noqa: E402


def sample(name, value, repeat=0, group="transport", workload="down", figure="mib_per_s", **more):
    made = {"group": group, "workload": workload, "name": name, "repeat": repeat, "discarded": 0, "cpu": 1.0, figure: value}
    return {**made, **more}


def result(samples, **facts):
    known = {"date": "today", "commit": "abc", "machine": "m", "command": "c", "jvm": "j", "jvm_flags": [], "rustc": "r"}
    known.update(settings={}, troubles={}, left_out=[], repeats={}, quick=False, **facts)
    return {"schema": store.SCHEMA, "complete": True, "facts": known, "samples": samples}


class Goals(unittest.TestCase):
    GOAL = goals.Goal("transport", "down", "mib_per_s", "java", "rust-multi", True, 1.3)

    def test_ratios_are_taken_within_a_repeat(self):
        samples = [sample("java", 200), sample("rust-multi", 100), sample("java", 90, 1), sample("rust-multi", 90, 1)]
        self.assertEqual(self.GOAL.ratios(samples), [2.0, 1.0])

    def test_repeats_without_both_do_not_count(self):
        self.assertEqual(self.GOAL.ratios([sample("java", 200), sample("rust-multi", 100, 1)]), [])

    def test_the_median_decides_and_else_the_spread(self):
        self.assertEqual(self.GOAL.verdict([1.3, 1.3, 0.1]), "reached")
        self.assertEqual(self.GOAL.verdict([1.2, 1.2, 1.31]), "reached by the spread alone")
        self.assertEqual(self.GOAL.verdict([1.2, 1.2, 1.29]), "missed")

    def test_less_is_better_where_the_goal_says_so(self):
        goal = goals.Goal("transport", "calls-1", "p50_us", "java", "rust-multi", False, 1.2)
        self.assertEqual(goal.verdict([1.1, 1.2, 9]), "reached")
        self.assertEqual(goal.verdict([1.3, 1.3, 1.19]), "reached by the spread alone")

    def test_each_goal_is_about_something_that_is_measured(self):
        for goal in goals.GOALS:
            group = GROUPS[goal.group]
            self.assertIn(goal.workload, [workload.key for workload in group.workloads], goal)
            self.assertIn(goal.ours, group.peers, goal)
            self.assertIn(goal.theirs, group.peers, goal)


class Groups(unittest.TestCase):
    def test_rows_and_peers_are_known(self):
        for group in GROUPS.values():
            keys = [workload.key for workload in group.workloads]
            self.assertEqual(len(keys), len(set(keys)), group.key)
            for row in group.rows:
                self.assertIn(row.workload, keys, group.key)
            for name in group.peers:
                self.assertIn(name, PEERS, group.key)

    def test_a_part_of_the_work_is_never_nothing(self):
        for group in GROUPS.values():
            for workload in group.workloads:
                for part in (1, 16):
                    amount = int(workload.told(True, part).split()[1])
                    self.assertGreaterEqual(amount, 1, workload)


class Sampling(unittest.TestCase):
    def test_what_others_disturb_is_taken_again(self):
        busy = iter([0.0, 5.0, 5.0, 5.0])
        with mock.patch.object(sampling, "busy_seconds", lambda: next(busy)), mock.patch.object(sampling.os, "cpu_count", lambda: 2):
            clock = iter([0.0, 10.0, 10.0, 20.0])
            with mock.patch.object(sampling.time, "monotonic", lambda: next(clock)):
                taken = sampling.undisturbed(lambda: {"both_cpu_seconds": 0.0})
        self.assertEqual((taken["discarded"], taken["others"]), (1, 0.0))

    def test_a_machine_under_load_is_said(self):
        busy = iter(float(second) for second in range(0, 800, 10))
        clock = iter(float(second) for second in range(0, 800, 10))
        with mock.patch.object(sampling, "busy_seconds", lambda: next(busy)), mock.patch.object(sampling.time, "monotonic", lambda: next(clock)):
            taken = sampling.undisturbed(lambda: {"both_cpu_seconds": 0.0})
        self.assertEqual(taken["discarded"], sampling.TRIES - 1)
        self.assertGreater(taken["others"], sampling.OTHERS)

    def test_cost_is_per_gib_or_per_thousand(self):
        self.assertEqual(sampling.cost({"both_cpu_seconds": 2.0, "bytes": 512 << 20}), 4.0)
        self.assertEqual(sampling.cost({"both_cpu_seconds": 2.0, "calls": 4_000}), 0.5)


class Results(unittest.TestCase):
    def test_the_file_is_whole_after_each_sample_and_marked_until_the_end(self):
        with tempfile.TemporaryDirectory() as directory:
            made = store.Store(pathlib.Path(directory) / "results/1.json", {})
            made.add(sample("java", 1))
            self.assertFalse(store.read(made.path)["complete"])
            made.add(sample("java", 2, 1))
            made.complete()
            read = store.read(made.path)
            self.assertTrue(read["complete"])
            self.assertEqual(store.values(read["samples"], "transport", "down", "java", "mib_per_s"), [1, 2])
            self.assertEqual([path.name for path in made.path.parent.iterdir()], ["1.json"])

    def test_what_is_no_result_is_refused(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "1.json"
            path.write_text(json.dumps({"schema": 0}))
            self.assertRaises(ValueError, store.read, path)

    def test_the_report_says_medians_and_what_was_aborted(self):
        samples = [sample("java", value, repeat) for repeat, value in enumerate((1500, 1000, 1200))]
        samples += [sample("rust-multi", 1000, repeat) for repeat in range(3)]
        data = dict(result(samples), complete=False)
        text = report.document(data)
        self.assertIn("| down, MiB/s | 1,200 (1,000–1,500) | 1,000 (1,000–1,000) |", text)
        self.assertIn("1.20 (1.00–1.50) | reached by the spread alone |", text)
        self.assertIn("partial", text)

    def test_of_several_results_the_last_one_of_a_group_counts(self):
        first = result([sample("java", 1), sample("java", 7, group="mtu")])
        both = report.merged([first, result([sample("java", 2)])])
        self.assertEqual(store.values(both["samples"], "transport", "down", "java", "mib_per_s"), [2])
        self.assertEqual(store.values(both["samples"], "mtu", "down", "java", "mib_per_s"), [7])


class Waiting(unittest.TestCase):
    def test_a_steady_run_may_take_as_long_as_it_is_told(self):
        asked = []
        implementation = process.Implementation(PEERS["java"], ["java"], "certs", {})
        implementation._line = lambda _, more=0: asked.append(more) or '{"ok":true}'
        for line in ("steady 600 8", "calls 600 8"):
            implementation.ask(mock.MagicMock(), line)
        self.assertEqual(asked, [600, 0])


class Command(unittest.TestCase):
    def test_a_run_that_measured_nothing_writes_no_report(self):
        with tempfile.TemporaryDirectory() as directory, mock.patch.object(main.store, "replace") as written:
            with mock.patch.object(main, "RESULTS", pathlib.Path(directory)), mock.patch.object(main.special, "measure"):
                with mock.patch.object(main.machine, "find_java", lambda: "java"), mock.patch.object(main.machine, "certificates"):
                    with mock.patch.object(main.machine, "facts", lambda *_: {"stamp": "1"}), mock.patch("sys.stderr"):
                        self.assertEqual(main.main(["--no-build", "--groups", "mtu"]), 1)
            written.assert_not_called()

    def test_unknown_names_are_refused(self):
        for words in (["--only", "nobody"], ["--groups", "nothing"]):
            with self.assertRaises(SystemExit), mock.patch("sys.stderr"):
                main.arguments(words)

    def test_groups_that_take_long_are_asked_for(self):
        self.assertNotIn("steady", main.arguments([]).chosen_groups)
        self.assertIn("steady", main.arguments(["--groups", "all"]).chosen_groups)


if __name__ == "__main__":
    unittest.main()
