"""The command."""

import argparse
import pathlib
import shutil
import signal
import sys
import tempfile

from . import machine, page, peers, report, sampling, special, store
from .process import Implementation, Missing
from .workloads import GROUPS

RESULTS = machine.BENCHMARKS / "results"


def arguments(words):
    parser = argparse.ArgumentParser(
        prog="benchmarks/run",
        description="Measures this library against Rust alone and against its peers, in turns.",
        epilog="groups: " + "; ".join(f"{key}: {it.title}{'' if it.default else ' (when asked for)'}" for key, it in GROUPS.items()),
    )
    parser.add_argument("--quick", action="store_true", help="smaller, 3 repeats at the most; nothing to publish")
    parser.add_argument("--repeats", type=int, metavar="N", help="how often each workload runs; each group has its number")
    parser.add_argument("--groups", metavar="NAMES", help="with commas, or `all`; see below")
    parser.add_argument("--only", metavar="NAMES", help="implementations, with commas, of: " + ", ".join(peers.PEERS))
    parser.add_argument("--jvm", default=" ".join(peers.JVM_FLAGS), help="flags of both JVMs (%(default)s)")
    parser.add_argument("--no-build", action="store_true", help="all is built")
    parser.add_argument("--report", metavar="FILE", nargs="+", type=pathlib.Path, help="measure nothing: write report and page from results, the later ones over the earlier")
    options = parser.parse_args(words)
    options.chosen = names(parser, options.only, peers.PEERS, list(peers.PEERS))
    default = [key for key, group in GROUPS.items() if group.default]
    options.chosen_groups = names(parser, options.groups, GROUPS, default, list(GROUPS))
    return options


def names(parser, said, known, default, everything=()):
    if said is None:
        return default
    if said == "all" and everything:
        return everything
    for name in said.split(","):
        if name not in known:
            parser.error(f"{name} is none of {', '.join(known)}")
    return said.split(",")


def measure(options):
    """The results' store; also when it was aborted, then not complete."""
    java, flags = machine.find_java(), options.jvm.split()
    if not options.no_build:
        machine.build()
    groups = [GROUPS[key] for key in options.chosen_groups]
    plan = [(group, [peers.PEERS[name] for name in group.peers if name in options.chosen]) for group in groups]
    plan = [(group, takes_part) for group, takes_part in plan if takes_part]
    repeats = {group.key: options.repeats or (min(group.repeats, 3) if options.quick else group.repeats) for group, _ in plan}
    facts = machine.facts(java, flags, sys.argv[1:])
    facts.update(quick=options.quick, repeats=repeats, settings=peers.SETTINGS, troubles={}, left_out=[])
    results = store.Store(RESULTS / f"{facts['stamp']}.json", facts)
    progress = sampling.Progress(sum(repeats[group.key] * len(group.workloads) * len(them) for group, them in plan))
    certs = tempfile.mkdtemp(prefix="jetstream-benchmark-")
    try:
        machine.certificates(certs)
        for group, them in plan:
            sampling.say(f"== {group.title}")
            jvm, rust = machine.commands(java, [*flags, *group.jvm])
            implementations = []
            for peer in them:
                settings = {**peers.SETTINGS, **group.settings, **peer.options}
                implementations.append(Implementation(peer, rust if peer.rust else jvm, certs, settings))
            try:
                special.measure(group, implementations, options.quick, repeats[group.key], results, progress)
            finally:
                for implementation in implementations:
                    implementation.stop()
                    if implementation.troubles:
                        facts["troubles"][f"{group.key}, {implementation.name}"] = implementation.troubles
                    if implementation.given_up:
                        facts["left_out"].append(f"{implementation.name} in {group.key}")
        if not results.data["samples"]:
            raise Missing("nothing was measured: what each said stands above")
        results.complete()
    except KeyboardInterrupt:
        sampling.say("aborted: what was measured until now is kept, and marked as partial")
        results.write()
    finally:
        shutil.rmtree(certs, ignore_errors=True)
    sampling.say(f"raw results: {results.path}")
    return results.data


def abort(*_):
    raise KeyboardInterrupt


def main(words):
    # Also in the background, where a shell has interrupts ignored.
    signal.signal(signal.SIGINT, abort)
    signal.signal(signal.SIGTERM, abort)
    options = arguments(words)
    try:
        if options.report:
            data = report.merged([store.read(path) for path in sorted(options.report)])
        else:
            data = measure(options)
    except (Missing, ValueError, OSError) as wrong:
        sampling.say(f"benchmarks/run: {wrong}")
        return 1
    except KeyboardInterrupt:
        sampling.say("aborted before anything was measured")
        return 130
    print(report.tables(data))
    if not data["complete"]:
        sampling.say("the run is not complete: RESULTS.md and the page stay as they were; `--report FILE` makes them of it all the same")
        if not options.report:
            return 130
    if data["facts"]["quick"] and not options.report:
        return 0
    store.replace(machine.BENCHMARKS / "RESULTS.md", report.document(data))
    store.replace(machine.BENCHMARKS / "results.json", store.text(data))
    try:
        page.write(data, machine.BENCHMARKS)
    except Missing as wrong:
        sampling.say(f"no page: {wrong}")
        return 1
    return 0
