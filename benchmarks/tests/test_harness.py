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
    made = {"group": group, "workload": workload, "name": name, "repeat": repeat, "run": 0, "discarded": 0, "cpu": 1.0, figure: value}
    return {**made, **more}


def result(samples, stamp="1", finished=None, **facts):
    """One run; it was aborted where it did not finish all of its groups."""
    known = {"date": "today", "stamp": stamp, "commit": "abc", "machine": "m", "command": "c", "jvm": "j", "jvm_flags": [], "rustc": "r"}
    known.update(settings={}, troubles={}, left_out=[], repeats={}, quick=False)
    known.update(facts)
    groups = list(dict.fromkeys(sample["group"] for sample in samples))
    whole = finished is None
    return {"schema": store.SCHEMA, "complete": whole, "finished": groups if whole else finished, "facts": known, "samples": samples}


def figures(data, name, group="transport"):
    return store.values(data["samples"], group, "down", name, "mib_per_s")


class Goals(unittest.TestCase):
    GOAL = goals.Goal("transport", "down", "mib_per_s", "java", "rust-multi", True, 1.3)

    def test_ratios_are_taken_within_a_repeat(self):
        samples = [sample("java", 200), sample("rust-multi", 100), sample("java", 90, 1), sample("rust-multi", 90, 1)]
        self.assertEqual(self.GOAL.numbers(samples), [2.0, 1.0])

    def test_repeats_without_both_do_not_count(self):
        self.assertEqual(self.GOAL.numbers([sample("java", 200), sample("rust-multi", 100, 1)]), [])

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
            self.assertIn(goal.theirs, ("", *group.peers), goal)
            self.assertIn(goal.of, ["", *(workload.key for workload in group.workloads)], goal)
            self.assertIn((goal.workload, goal.figure), [(row.workload, row.figure) for row in group.rows], goal)

    def test_a_goal_can_be_about_a_figure_as_such(self):
        goal = goals.Goal("memory", "idle-10000", "server_native_kib", "java", "", False, 18)
        samples = [sample("java", 17, 0, "memory", "idle-10000", "server_native_kib")]
        self.assertEqual((goal.numbers(samples), goal.verdict([17])), ([17], "reached"))

    def test_growth_is_about_another_workload_of_the_same_repeat(self):
        goal = next(goal for goal in goals.GOALS if goal.group == "growth")
        samples = [sample("java", value, 0, "growth", workload, "per_s") for workload, value in (("spread-10000", 60), ("spread-100", 100))]
        self.assertEqual(goal.numbers(samples), [0.6])
        text = report.goals(store.merge([result(samples)]))
        self.assertIn("| java |  | By connections, 64 calls at a time: 10,000 connections, calls/s, against 100 connections, calls/s | ≥ 0.7 |", text)


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
                taken = sampling.undisturbed(lambda: {"both_cpu_seconds": 0.0}, 4)
        self.assertEqual((taken["discarded"], taken["others"]), (1, 0.0))

    def test_a_machine_under_load_is_said(self):
        busy = iter(float(second) for second in range(0, 800, 10))
        clock = iter(float(second) for second in range(0, 800, 10))
        with mock.patch.object(sampling, "busy_seconds", lambda: next(busy)), mock.patch.object(sampling.time, "monotonic", lambda: next(clock)):
            taken = sampling.undisturbed(lambda: {"both_cpu_seconds": 0.0}, 4)
        self.assertEqual((taken["discarded"], taken["disturbed"]), (3, True))
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
        text = report.document(store.merge([result(samples, finished=[])]))
        self.assertIn("| down, MiB/s | 1,200 (1,000–1,500) | 1,000 (1,000–1,000) |", text)
        self.assertIn("1.20 (1.00–1.50) | reached by the spread alone |", text)
        self.assertIn("partial", text)

    def test_of_several_results_the_last_one_of_a_group_counts(self):
        first = result([sample("java", 1), sample("java", 7, group="mtu")])
        both = store.merge([result([sample("java", 2)], "2"), first])
        self.assertEqual((figures(both, "java"), figures(both, "java", "mtu")), ([2], [7]))

    def test_an_implementation_that_was_measured_apart_is_put_beside_the_others(self):
        together = result([sample("java", 1), sample("rust-multi", 2)])
        apart = result([sample("java", 3), sample("kwik", 4)], "2")
        data = store.merge([together, apart])
        self.assertEqual([figures(data, name) for name in ("java", "rust-multi", "kwik")], [[1, 3], [2], [4]])
        self.assertIn("2 repeats, rust-multi 1, kwik 1", report.table(data, GROUPS["transport"]))

    def test_a_ratio_is_taken_within_a_run(self):
        runs = [result([sample("java", 10)]), result([sample("rust-multi", 5)], "2")]
        self.assertEqual(Goals.GOAL.numbers(store.merge(runs)["samples"]), [])

    def test_a_verdict_is_of_the_latest_run_that_has_most_repeats(self):
        def both(repeat, ours):
            return [sample("java", ours, repeat), sample("rust-multi", 10, repeat)]

        old = result([*both(0, 10), *both(1, 10), sample("netty-tls", 9)])
        new = result([*both(0, 30), *both(1, 30), sample("rust-split", 9)], "2")
        short = result([*both(0, 50), sample("kwik", 1)], "3")
        self.assertEqual(Goals.GOAL.numbers(store.merge([old, new, short])["samples"]), [3.0, 3.0])

    def test_a_group_that_was_aborted_does_not_take_the_place_of_a_whole_one(self):
        data = store.merge([result([sample("java", 1)]), result([sample("java", 2)], "2", finished=[])])
        self.assertEqual(figures(data, "java"), [1])
        self.assertTrue(data["complete"])

    def test_a_quick_run_does_not_take_the_place_of_another(self):
        data = store.merge([result([sample("java", 1)], finished=[]), result([sample("java", 2)], "2", quick=True)])
        self.assertEqual(figures(data, "java"), [1])

    def test_a_partial_group_is_marked_where_it_stands(self):
        runs = [result([sample("java", 1), sample("java", 2, group="mtu")], finished=["mtu"])]
        data = store.merge(runs)
        self.assertIn("**aborted: partial**", report.table(data, GROUPS["transport"]))
        self.assertNotIn("partial", report.table(data, GROUPS["mtu"]))
        self.assertIn("**aborted, and partial: transport**", report.conditions(data))

    def test_another_commit_is_told_of(self):
        other = result([sample("java", 2, group="mtu")], "2", commit="def")
        text = report.conditions(store.merge([result([sample("java", 1)]), other]))
        self.assertIn("**Not all was measured on one commit.**", text)
        self.assertNotIn("Not all", report.conditions(store.merge([result([sample("java", 1)])])))

    def test_results_that_were_merged_can_be_merged_again(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "results.json"
            first = store.merge([result([sample("java", 1)]), result([sample("java", 3, group="mtu")], "2")])
            path.write_text(store.text(first))
            again = store.merge([store.read(path), result([sample("java", 2)], "3"), result([sample("java", 3, group="mtu")], "2")])
            self.assertEqual((figures(again, "java"), figures(again, "java", "mtu")), ([2], [3]))

    def test_nothing_is_no_result(self):
        self.assertRaises(ValueError, store.merge, [result([])])


class Waiting(unittest.TestCase):
    def test_a_steady_run_may_take_as_long_as_it_is_told(self):
        asked = []
        implementation = process.Implementation(PEERS["java"], ["java"], "certs", {})
        implementation._line = lambda _, more=0: asked.append(more) or '{"ok":true}'
        for line in ("steady 600 8", "calls 600 8"):
            implementation.ask(mock.MagicMock(), line)
        self.assertEqual(asked, [600, 0])


class Missing(unittest.TestCase):
    def test_a_peer_that_was_not_built_is_left_out_and_said(self):
        said = []
        implementation = process.Implementation(PEERS["rust-multi"], ["/nowhere/rust-baseline"], "certs", {})
        self.addCleanup(implementation.close)
        with mock.patch.object(sampling, "say", lambda *words: said.append(" ".join(words))):
            sampling.warm_up([implementation], GROUPS["mtu"], True)
        self.assertTrue(implementation.given_up)
        self.assertIn("/nowhere/rust-baseline is not there: it was not built: left out from here on", said[-1])


class Command(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        self.said = []
        for patch in (
            mock.patch.object(main, "RESULTS", self.path / "results"),
            mock.patch.object(main.machine, "BENCHMARKS", self.path),
            mock.patch.object(main.machine, "find_java", lambda: "java"),
            mock.patch.object(main.machine, "certificates"),
            mock.patch.object(main.machine, "facts", lambda *_: dict(result([])["facts"])),
            mock.patch.object(main.page, "made", lambda _: {"results.html": "the page"}),
            mock.patch.object(sampling, "say", lambda *words: self.said.append(" ".join(words))),
            mock.patch("builtins.print"),
        ):
            patch.start()
            self.addCleanup(patch.stop)

    def run_mtu(self, samples, then=None, *more):
        """The command, with a group that gives these samples and then raises."""

        def measure(group, implementations, quick, repeats, results, progress):
            for one in samples:
                results.add(one)
            if then:
                raise then

        with mock.patch.object(main.special, "measure", measure):
            return main.main(["--no-build", "--groups", "mtu", *more])

    def written(self):
        return sorted(path.name for path in self.path.iterdir() if path.is_file())

    def test_a_run_that_measured_nothing_writes_no_report(self):
        self.assertEqual(self.run_mtu([]), 1)
        self.assertEqual(self.written(), [])

    def test_a_run_writes_report_and_page(self):
        self.assertEqual(self.run_mtu([sample("java", 1, group="mtu")]), 0)
        self.assertEqual(self.written(), ["RESULTS.md", "results.html", "results.json"])

    def test_a_quick_run_writes_neither(self):
        self.assertEqual(self.run_mtu([sample("java", 1, group="mtu")], None, "--quick"), 0)
        self.assertEqual(self.written(), [])

    def test_what_an_aborted_run_measured_is_kept_and_marked_and_nothing_else_is_written(self):
        self.assertEqual(self.run_mtu([sample("java", 1, group="mtu")], KeyboardInterrupt()), 130)
        self.assertEqual(self.written(), [])
        (kept,) = (self.path / "results").iterdir()
        self.assertEqual((store.read(kept)["complete"], len(store.read(kept)["samples"])), (False, 1))
        # Also from what the first report wrote.
        for path in (kept, self.path / "results.json"):
            self.assertEqual(main.main(["--report", str(path)]), 0)
            self.assertIn("**aborted: partial**", (self.path / "RESULTS.md").read_text())

    def test_a_run_that_is_aborted_at_once_leaves_nothing(self):
        self.assertEqual(self.run_mtu([], KeyboardInterrupt()), 130)
        self.assertEqual((self.written(), self.said[-1]), ([], "aborted before anything was measured"))
        self.assertFalse((self.path / "results").exists())

    def test_without_plots_nothing_is_written(self):
        with mock.patch.object(main.page, "made", side_effect=process.Missing("no matplotlib")):
            self.assertEqual(self.run_mtu([sample("java", 1, group="mtu")]), 1)
        self.assertEqual((self.written(), self.said[-1]), ([], "nothing is written: no matplotlib"))

    def test_a_file_that_is_none_is_named(self):
        self.assertEqual(main.main(["--report", str(self.path / "none.json")]), 1)
        self.assertIn("none.json", self.said[-1])

    def test_a_steady_run_takes_as_long_as_it_is_told(self):
        self.assertEqual(main.timed(GROUPS["steady"], 60).workloads[0].told(False, 1), "steady 60 8")
        self.assertEqual(main.timed(GROUPS["steady"], None).workloads[0].told(False, 1), "steady 600 8")

    def test_unknown_names_are_refused(self):
        for words in (["--only", "nobody"], ["--groups", "nothing"]):
            with self.assertRaises(SystemExit), mock.patch("sys.stderr"):
                main.arguments(words)

    def test_groups_that_take_long_are_asked_for(self):
        self.assertNotIn("steady", main.arguments([]).chosen_groups)
        self.assertIn("steady", main.arguments(["--groups", "all"]).chosen_groups)


if __name__ == "__main__":
    unittest.main()
