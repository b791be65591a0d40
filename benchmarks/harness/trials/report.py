"""TRIALS.md, made of the raw results."""

from ..report import cell
from .catalogue import TRIALS, by_repeat


def conditions(samples):
    return list(dict.fromkeys(sample["condition"] for sample in samples))


def table(trial, samples):
    found = sorted(conditions(samples), key=[*dict.fromkeys(said(trial, samples))].index)
    lines = ["| median (min–max) | " + " | ".join(found) + " |", "| --- |" + " ---: |" * len(found)]
    for row in trial.rows:
        cells = [cell(list(by_repeat(samples, condition, row.figure).values()), row.digits) for condition in found]
        if any(cells):
            lines.append(f"| {row.title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def said(trial, samples):
    """Conditions in the order of the first repeat, which every trial takes in the same."""
    return conditions(sorted(samples, key=lambda sample: sample["repeat"]))


def goals(names, data):
    lines = ["| trial | | goal | seen, median (min–max) | |", "| --- | --- | ---: | ---: | --- |"]
    for name in names:
        for goal in TRIALS[name].goals:
            values = goal.values(data["trials"][name]["samples"])
            if values:
                verdict = "reached" if goal.reached(values) else "**missed**"
                each = ", each" if goal.each and len(values) > 1 else ""
                lines.append(f"| {name} | {goal.title} | {goal.text()}{each} | {cell(values, 2)} | {verdict} |")
    return "\n".join(lines)


def section(name, result):
    trial, facts, samples = TRIALS[name], result["facts"], result["samples"]
    repeats = max(sample["repeat"] for sample in samples) + 1
    quick = " **A quick run: nothing to publish.**" if facts["quick"] else ""
    where = f"{facts['date']}; commit {facts['commit']}; {facts['machine']}; {facts['jvm']}; `{facts['command']}`; "
    where += f"{repeats} {'repeats' if repeats > 1 else 'run'} in {facts['seconds']:.0f} s; others used {facts['others']:.0%} of the processors.{quick}"
    said = dict.fromkeys(sample["said"] for sample in samples if sample.get("said"))
    quoted = "".join(f"\n\nThe server said: `{it}`" for it in said)
    return f"## {trial.title}\n\n`{name}`: {trial.about}\n\n{where}\n\n{table(trial, samples)}{quoted}"


def document(data):
    names = [name for name in TRIALS if name in data["trials"]]
    parts = [
        "# Trials\n\nWritten by `benchmarks/trials`; changed by nobody else. Raw samples: [trials.json](trials.json).",
        "What the library does under attack, at scale, and when something fails: server, clients and attackers are processes of their own on one machine. "
        "A goal is of the median of the repeats, or where it says so of each.",
        "## Goals\n\n" + goals(names, data),
    ]
    left = [f"- `{name}`: {data['skipped'][name]}" for name in TRIALS if name in data.get("skipped", {}) and name not in names]
    if left:
        parts.append("## Not measured\n\n" + "\n".join(left))
    return "\n\n".join([*parts, *(section(name, data["trials"][name]) for name in names)]) + "\n"
