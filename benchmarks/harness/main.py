"""The command."""

import argparse
import dataclasses
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
    parser.add_argument("--quick", action="store_true", help="smaller, and once each; nothing to publish")
    parser.add_argument("--repeats", type=int, metavar="N", help="how often each workload runs; each group has its number")
    parser.add_argument("--groups", metavar="NAMES", help="with commas, or `all`; see below")
    parser.add_argument("--only", metavar="NAMES", help="implementations, with commas, of: " + ", ".join(peers.PEERS))
    parser.add_argument("--seconds", type=int, metavar="N", help="how long each steady run takes (600)")
    parser.add_argument("--jvm", default=" ".join(peers.JVM_FLAGS), help="flags of both JVMs (%(default)s)")
    parser.add_argument("--no-build", action="store_true", help="all is built")
    parser.add_argument("--report", metavar="FILE", nargs="+", type=pathlib.Path, help="measure nothing: write report and page from results; of what several have, the latest counts")
    options = parser.parse_args(words)
    options.chosen = names(parser, options.only, peers.PEERS, list(peers.PEERS))
    default = [key for key, group in GROUPS.items() if group.default]
    options.chosen_groups = names(parser, options.groups, GROUPS, default, list(GROUPS))
    for name, number in (("repeats", options.repeats), ("seconds", options.seconds)):
        if number is not None and number < 1:
            parser.error(f"--{name} must be at least 1, not {number}")
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


def timed(group, seconds):
    """The group, where it is told how long it takes."""
    if group.key != "steady" or seconds is None:
        return group
    return dataclasses.replace(group, workloads=tuple(dataclasses.replace(it, amount=seconds, quick=seconds) for it in group.workloads))


def measure(options):
    """The results' store; also when it was aborted, then not complete."""
    java, flags = machine.find_java(), options.jvm.split()
    if not options.no_build:
        machine.build()
    groups = [timed(GROUPS[key], options.seconds) for key in options.chosen_groups]
    plan = [(group, [peers.PEERS[name] for name in group.peers if name in options.chosen]) for group in groups]
    plan = [(group, takes_part) for group, takes_part in plan if takes_part]
    repeats = {group.key: options.repeats or (1 if options.quick else group.repeats) for group, _ in plan}
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
                results.finished(group.key)
            finally:
                for implementation in implementations:
                    implementation.close()
                    if implementation.troubles:
                        facts["troubles"][f"{group.key}, {implementation.name}"] = implementation.troubles
                    if implementation.given_up:
                        facts["left_out"].append(f"{implementation.name} in {group.key}")
        if not results.data["samples"]:
            raise Missing("nothing was measured: what each said stands above")
        results.complete()
    except KeyboardInterrupt:
        if not results.data["samples"]:
            raise
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
            results = [store.read(path) for path in options.report]
        else:
            results = [measure(options)]
        data = store.merge(results)
    except (Missing, ValueError, OSError) as wrong:
        sampling.say(f"benchmarks/run: {wrong}")
        return 1
    except KeyboardInterrupt:
        sampling.say("aborted before anything was measured")
        return 130
    print(report.tables(data))
    if not options.report and not results[-1]["complete"]:
        sampling.say("the run is not complete: RESULTS.md and the page stay as they were; `--report FILE` makes them of it all the same")
        return 130
    if options.quick and not options.report:
        return 0
    return publish(data)


def publish(data):
    """Writes all that is made of the results, once all is made."""
    made = {"RESULTS.md": report.document(data), "results.json": store.text(data)}
    try:
        made.update(page.made(data))
    except Missing as wrong:
        sampling.say(f"nothing is written: {wrong}")
        return 1
    for name, content in made.items():
        store.replace(machine.BENCHMARKS / name, content)
    return 0
