"""RESULTS.md, made from the raw results."""

import statistics

from . import machine, sampling
from .goals import GOALS
from .peers import PEERS
from .store import values
from .workloads import GROUPS

NOTES = machine.BENCHMARKS / "NOTES.md"
TRIALS = machine.BENCHMARKS / "TRIALS.md"


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
    said = repeats(samples, names) + (f"; here {settings}" if settings else "") + when(data, group)
    return f"## {group.title}\n\n{said}.\n\n" + "\n".join(lines) + "\n"


def repeats(samples, names):
    """How often each was measured, where it is not the same for all."""
    counts = {name: len({(it["run"], it["repeat"]) for it in samples if it["name"] == name}) for name in names}
    most = max(counts.values())
    fewer = [f"{name} {count}" for name, count in counts.items() if count != most]
    return ", ".join([f"{most} {'repeats' if most > 1 else 'run'}", *fewer])


def when(data, group):
    """Where there are several runs, which of them this group is of; and what is to be known of them."""
    runs = [run for run in data["runs"] if any(sample["group"] == group.key for sample in run["samples"])]
    said = []
    if len(data["runs"]) > 1:
        said += [f"{run['facts']['date']}, commit {run['facts']['commit']}" for run in runs]
    if any(run["facts"]["quick"] for run in runs):
        said.append("**a quick run: nothing to publish**")
    if any(group.key not in run["finished"] for run in runs):
        said.append("**aborted: partial**")
    return "".join(f"; {it}" for it in said)


def verdicts(data):
    """Each goal that these runs can tell about: with its ratios or figures, and whether it was reached."""
    for goal in GOALS:
        numbers = goal.numbers(data["samples"])
        if numbers:
            yield goal, numbers, goal.verdict(numbers)


def title(goal):
    rows = {(row.workload, row.figure): row.title for row in GROUPS[goal.group].rows}
    title_ = rows.get((goal.workload, goal.figure), f"{goal.workload}, {goal.figure}")
    return f"{title_}, against {rows[goal.of, goal.figure]}" if goal.of else title_


def against(goal):
    """Whom a goal is against: nobody, where it is of a figure as such."""
    return "" if goal.theirs == goal.ours else goal.theirs


def goals(data):
    said = "ratio, or figure where it is against nobody; median of the repeats (min–max)"
    lines = [f"| ours | against | | goal | {said} | |", "| --- | --- | --- | ---: | ---: | --- |"]
    for goal, numbers, verdict in verdicts(data):
        verdict = f"**{verdict}**" if verdict == "missed" else verdict
        name = f"{GROUPS[goal.group].title}: {title(goal)}"
        lines.append(f"| {goal.ours} | {against(goal)} | {name} | {goal.text()} | {cell(numbers, 2)} | {verdict} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def tables(data):
    parts = [table(data, group) for group in GROUPS.values()]
    return "\n".join(part for part in [*parts, goals(data)] if part)


def unique(texts):
    return "; ".join(dict.fromkeys(filter(None, texts)))


def run(one):
    """When and how a run was made, and what of it counts."""
    facts = one["facts"]
    groups = dict.fromkeys(sample["group"] for sample in one["samples"])
    partial = [key for key in groups if key not in one["finished"]]
    said = f"{facts['date']}, commit {facts['commit']}, `{facts['command']}`: {', '.join(groups)}"
    return said + (f"; **aborted, and partial: {', '.join(partial)}**" if partial else "")


def conditions(data):
    runs = data["runs"]
    facts = [one["facts"] for one in runs]
    settings = ", ".join(f"`{key}` {value}" for key, value in facts[-1]["settings"].items())
    samples = data["samples"]
    disturbed = [sample for sample in samples if sample.get("disturbed")]
    troubles = unique(f"{name} {len(what)}" for fact in facts for name, what in fact["troubles"].items())
    left_out = unique(name for fact in facts for name in fact["left_out"])
    lines = [
        *map(run, runs),
        f"{unique(fact['machine'] for fact in facts)}; {unique(fact['jvm'] for fact in facts)}, flags `{unique(' '.join(fact['jvm_flags']) for fact in facts)}`; {unique(fact['rustc'] for fact in facts)}",
        f"All are told: {settings}, as far as they know it; ECDSA P-256, TLS 1.3, AES-128-GCM, mutual TLS; loopback; server and client are two processes",
        "In each repeat every workload runs on all implementations in turn, one at a time, after a warm-up; a ratio is taken within a repeat",
        "Starts, memory, allocation and the proxy's are not looked at for disturbance",
        f"Samples discarded because others used more than {sampling.OTHERS:.0%} of the processors: {sum(sample['discarded'] for sample in samples)}; kept though disturbed, because a group's tries were over: {len(disturbed)}" + where(disturbed),
        f"Runs that failed and were made again: {troubles or 'none'}; left out for failing: {left_out or 'none'}",
        "A call is 32 bytes and its answer, each on a new stream; TCP has no streams, there it takes an open connection of its caller. A connection counts until the server has taken the client's certificate",
        "CPU seconds are those of both processes. An empty cell: the implementation has no such thing, or was left out",
    ]
    for key, said in (("commit", "commit"), ("machine", "machine")):
        if len({fact[key] for fact in facts}) > 1:
            lines.insert(0, f"**Not all was measured on one {said}.**")
    if not data["complete"]:
        lines.insert(0, "**A run was aborted: what is of it is partial.**")
    if any(fact["quick"] for fact in facts):
        lines.insert(0, "**A quick run: nothing to publish.**")
    return "\n".join(f"- {line}" for line in lines)


def where(samples):
    groups = dict.fromkeys(sample["group"] for sample in samples)
    return f" ({', '.join(groups)})" if groups else ""


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
    trials = " Under attack, at scale, and where something fails: [TRIALS.md](TRIALS.md)." if TRIALS.exists() else ""
    parts = [
        f"# Results\n\nWritten by `benchmarks/run`; changed by nobody else. Plots: [results.html](results.html); raw samples: [results.json](results.json).{trials}",
        conditions(data),
        f"## Goals\n\n{goals(data)}",
        notes,
        *(table(data, group).strip() for group in GROUPS.values()),
        f"## Who\n\n{who(data)}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
