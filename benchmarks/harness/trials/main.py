"""The command."""

import argparse
import json
import os
import signal
import sys
import time

from .. import machine, store
from ..peers import JVM_FLAGS
from ..process import Missing, Trouble
from ..sampling import busy_seconds, say
from . import report
from .catalogue import TRIALS
from .processes import Stage

RESULTS = machine.BENCHMARKS / "trials.json"


def arguments(words):
    parser = argparse.ArgumentParser(
        prog="benchmarks/trials",
        description="Measures the library under attack, at scale, and where something fails; writes TRIALS.md and trials.json.",
        epilog="trials: " + "; ".join(f"{name}: {trial.title}" for name, trial in TRIALS.items()),
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="trials to run (all); what was measured of others stays")
    parser.add_argument("--quick", action="store_true", help="shorter; writes nothing")
    parser.add_argument("--no-build", action="store_true", help="all is built")
    parser.add_argument("--report", action="store_true", help="measure nothing: write TRIALS.md from trials.json")
    options = parser.parse_args(words)
    for name in options.names:
        if name not in TRIALS:
            parser.error(f"{name} is none of {', '.join(TRIALS)}")
    options.names = [name for name in TRIALS if name in options.names or not options.names]
    return options


class Samples:
    def __init__(self, name):
        self.name, self.all = name, []

    def keep(self, condition, repeat, **figures):
        if "max_us" in figures:
            figures["max_ms"] = figures.pop("max_us") / 1000
        self.all.append({"condition": condition, "repeat": repeat, **figures})
        say(f"{self.name}, {condition}, {repeat}: " + " ".join(f"{key}={shown(value)}" for key, value in figures.items() if value != ""))


def shown(value):
    return f"{value:.2f}" if isinstance(value, float) else value


def measure(name, java, quick):
    """A trial's samples, the seconds it took, and the share of the processors that others used meanwhile."""
    samples = Samples(name)
    began, busy, own = time.monotonic(), busy_seconds(), own_seconds()
    with Stage(java, quick, samples.keep) as stage:
        try:
            TRIALS[name].run(stage)
        except Trouble:
            for process in stage.processes:
                say(process.complaint()[-2000:])
            raise
    seconds = time.monotonic() - began
    others = busy_seconds() - busy - (own_seconds() - own)
    return samples.all, seconds, max(others, 0.0) / seconds / os.cpu_count()


def own_seconds():
    """Of this process, and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def read():
    data = store.read(RESULTS) if RESULTS.exists() else {"schema": store.SCHEMA, "trials": {}}
    return {"skipped": {}, **data}


def run(options):
    """All of what was measured, and whether every trial was."""
    java, data, whole = machine.find_java(), read(), True
    if not options.no_build:
        machine.build(rust=False)
    for name in options.names:
        say(f"== {TRIALS[name].title}")
        facts = machine.facts(java, JVM_FLAGS, sys.argv[1:], "benchmarks/trials")
        try:
            samples, seconds, others = measure(name, java, options.quick)
        except (Missing, Trouble) as wrong:
            say(f"{name}: {wrong}")
            data["skipped"][name] = (str(wrong).splitlines() or ["it failed"])[0]
            if isinstance(wrong, Trouble):
                # What it measured once says nothing any more; where it only cannot run here, it does.
                data["trials"].pop(name, None)
                whole = False
            continue
        except KeyboardInterrupt:
            # What it measured before stays; half a trial is none.
            if name not in data["trials"]:
                data["skipped"][name] = "aborted"
            if not options.quick:
                write(data)
            raise
        data["skipped"].pop(name, None)
        facts.update(quick=options.quick, seconds=round(seconds, 1), others=round(others, 3))
        data["trials"][name] = {"facts": facts, "samples": samples}
        if not options.quick:
            write(data)
    return data, whole


def write(data):
    store.replace(RESULTS, text(data))
    store.replace(machine.BENCHMARKS / "TRIALS.md", report.document(data))


def text(data):
    """A line for each sample."""
    parts = []
    for name, result in data["trials"].items():
        samples = ",\n".join(json.dumps(sample) for sample in result["samples"])
        parts.append(f'"{name}": {{"facts": {json.dumps(result["facts"])}, "samples": [\n{samples}\n]}}')
    head = json.dumps({key: value for key, value in data.items() if key != "trials"})[:-1]
    return f'{head}, "trials": {{\n' + ",\n".join(parts) + "\n}}\n"


def abort(*_):
    raise KeyboardInterrupt


def main(words):
    # Also in the background, where a shell has interrupts ignored.
    signal.signal(signal.SIGINT, abort)
    signal.signal(signal.SIGTERM, abort)
    options = arguments(words)
    try:
        data, whole = (read(), True) if options.report else run(options)
        if options.report or not options.quick:
            write(data)
        print(report.document(data))
    except (Missing, ValueError, OSError) as wrong:
        say(f"benchmarks/trials: {wrong}")
        return 1
    except KeyboardInterrupt:
        say("aborted: what was measured by the trials that were done is kept, and TRIALS.md tells of it")
        return 130
    return 0 if whole else 1
