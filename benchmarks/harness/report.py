"""RESULTS.md, made from the raw results."""

import statistics

from . import machine, sampling
from .goals import GOALS
from .peers import PEERS
from .store import values
from .workloads import GROUPS

NOTES = machine.BENCHMARKS / "NOTES.md"


def merged(results):
    """One result of several: of a group, the last file that has it."""
    last = results[-1]
    if len(results) == 1:
        return last
    samples = {}
    for result in results:
        for group in {sample["group"] for sample in result["samples"]}:
            samples[group] = [sample for sample in result["samples"] if sample["group"] == group]
    facts = dict(last["facts"], quick=any(result["facts"]["quick"] for result in results))
    for key in ("command", "date", "commit", "machine", "jvm", "rustc"):
        facts[key] = "; ".join(dict.fromkeys(result["facts"][key] for result in results))
    for key in ("repeats", "troubles"):
        facts[key] = {name: it for result in results for name, it in result["facts"][key].items()}
    facts["left_out"] = [it for result in results for it in result["facts"]["left_out"]]
    complete = all(result["complete"] for result in results)
    return dict(last, complete=complete, facts=facts, samples=[one for some in samples.values() for one in some])


def cell(numbers, digits):
    if not numbers:
        return ""
    median = f"{statistics.median(numbers):,.{digits}f}"
    if len(numbers) == 1:
        return median
    return f"{median} ({min(numbers):,.{digits}f}–{max(numbers):,.{digits}f})"


def table(data, group):
    samples = [sample for sample in data["samples"] if sample["group"] == group.key]
    names = [name for name in PEERS if any(sample["name"] == name for sample in samples)]
    if not names:
        return ""
    lines = ["| median (min–max) | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    for row in group.rows:
        cells = [cell(values(samples, group.key, row.workload, name, row.figure), row.digits) for name in names]
        if any(cells):
            lines.append(f"| {row.title} | " + " | ".join(cells) + " |")
    settings = ", ".join(f"`{key}` {value}" for key, value in group.settings.items())
    settings = ", ".join(filter(None, (settings, " ".join(f"`{flag}`" for flag in group.jvm))))
    repeats = max(sample["repeat"] for sample in samples) + 1
    said = f"{repeats} {'repeats' if repeats > 1 else 'run'}" + (f"; here {settings}" if settings else "")
    return f"## {group.title}\n\n{said}.\n\n" + "\n".join(lines) + "\n"


def verdicts(data):
    """Each goal that this run can tell about: with its ratios and whether it was reached."""
    for goal in GOALS:
        ratios = goal.ratios(data["samples"])
        if ratios:
            yield goal, ratios, goal.verdict(ratios)


def title(goal):
    rows = {(row.workload, row.figure): row.title for row in GROUPS[goal.group].rows}
    return rows.get((goal.workload, goal.figure), f"{goal.workload}, {goal.figure}")


def goals(data):
    lines = ["| ours | against | | goal | ratio, median of the repeats (min–max) | |", "| --- | --- | --- | ---: | ---: | --- |"]
    for goal, ratios, said in verdicts(data):
        group = f"{goal.group}: " if goal.group in ("classic", "mtu", "connections") else ""
        said = f"**{said}**" if said == "missed" else said
        lines.append(f"| {goal.ours} | {goal.theirs} | {group}{title(goal)} | {goal.text()} | {cell(ratios, 2)} | {said} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def tables(data):
    parts = [table(data, group) for group in GROUPS.values()]
    return "\n".join(part for part in [*parts, goals(data)] if part)


def conditions(data):
    facts = data["facts"]
    settings = ", ".join(f"`{key}` {value}" for key, value in facts["settings"].items())
    samples = data["samples"]
    disturbed = sum(sample.get("others", 0) > sampling.OTHERS and sample["discarded"] == sampling.TRIES - 1 for sample in samples)
    troubles = "; ".join(f"{name} {len(what)}" for name, what in facts["troubles"].items())
    lines = [
        f"{facts['date']}; commit {facts['commit']}; {facts['machine']}",
        "Command: " + ", ".join(f"`{command}`" for command in facts["command"].split("; ")),
        f"{facts['jvm']}; flags `{' '.join(facts['jvm_flags'])}`; {facts['rustc']}",
        f"All are told: {settings}, as far as they know it; ECDSA P-256, TLS 1.3, AES-128-GCM, mutual TLS; loopback; server and client are two processes",
        "In each repeat every workload runs on all implementations in turn, one at a time, after a warm-up",
        "Starts, memory and the proxy's are not looked at for disturbance",
        f"Samples discarded because others used more than {sampling.OTHERS:.0%} of the processors: {sum(sample['discarded'] for sample in samples)}; kept though disturbed, after {sampling.TRIES} tries: {disturbed}",
        f"Runs that failed and were made again: {troubles or 'none'}; left out for failing: {'; '.join(facts['left_out']) or 'none'}",
        "A call is 32 bytes and its answer, each on a new stream; TCP has no streams, there it takes an open connection of its caller. A connection counts until the server has taken the client's certificate",
        "CPU seconds are those of both processes. An empty cell: the implementation has no such thing, or was left out",
    ]
    if not data["complete"]:
        lines.insert(0, "**This run was aborted: it is partial.**")
    if facts["quick"]:
        lines.insert(0, "**A quick run: nothing to publish.**")
    return "\n".join(f"- {line}" for line in lines)


def who(data):
    names = [name for name in PEERS if any(sample["name"] == name for sample in data["samples"])]
    lines = ["| name | what | options and notes |", "| --- | --- | --- |"]
    for name in names:
        peer = PEERS[name]
        options = ", ".join(f"`{key}` {value}" for key, value in peer.options.items() if key != "transport")
        part = f"a {peer.part}th of the work" if peer.part > 1 else ""
        lines.append(f"| {name} | {peer.label} | {'; '.join(filter(None, (options, peer.note, part)))} |")
    return "\n".join(lines)


def document(data):
    notes = NOTES.read_text().strip() if NOTES.exists() else ""
    parts = [
        "# Results\n\nWritten by `benchmarks/run`; changed by nobody else. Plots: [results.html](results.html); raw samples: [results.json](results.json).",
        conditions(data),
        f"## Goals\n\n{goals(data)}",
        notes,
        *(table(data, group).strip() for group in GROUPS.values()),
        f"## Who\n\n{who(data)}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
