"""The raw results: one JSON file, whole at any moment."""

import json
import os
import statistics

SCHEMA = 2


class Store:
    """Samples and facts; each change is in the file before anything else happens."""

    def __init__(self, path, facts):
        self.path = path
        self.data = {"schema": SCHEMA, "complete": False, "finished": [], "facts": facts, "samples": []}

    def add(self, sample):
        self.data["samples"].append(sample)
        self.write()

    def finished(self, group):
        """All of this group was measured."""
        self.data["finished"].append(group)
        self.write()

    def complete(self):
        self.data["complete"] = True
        self.write()

    def write(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        replace(self.path, text(self.data))


def text(data):
    """A line for each sample; of one run, or of several as `merge` has them."""
    if "runs" in data:
        return '{"schema": %d, "runs": [\n%s]}\n' % (SCHEMA, ",\n".join(text(run).rstrip("\n") for run in data["runs"]) + "\n")
    facts = json.dumps({key: value for key, value in data.items() if key != "samples"})[:-1]
    samples = ",\n".join(json.dumps(sample) for sample in data["samples"])
    return f'{facts}, "samples": [\n{samples}\n]}}\n'


def replace(path, content):
    """Writes all of the file or nothing."""
    new = path.with_name(path.name + ".new")
    new.write_text(content)
    os.replace(new, path)


def read(path):
    """Raises ValueError with what is wrong with the file."""
    try:
        data = json.loads(path.read_text())
    except (json.JSONDecodeError, UnicodeDecodeError) as broken:
        raise ValueError(f"{path} is not whole: {broken}") from broken
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ValueError(f"{path} is not a result of schema {SCHEMA}")
    return data


def merge(results):
    """Several results as one: what each has, without what later ones have as well.

    Of a group, those runs count that have an implementation that no later one has; quick runs, and those that were aborted
    within the group, count as earlier than others. Samples are told the number of their run.
    """

    def rank(number, group):
        return not runs[number]["facts"]["quick"], group in runs[number]["finished"], number

    runs = {run["facts"]["stamp"]: run for result in results for run in result.get("runs", [result])}
    runs = [runs[stamp] for stamp in sorted(runs)]
    kept = [[] for _ in runs]
    for group in dict.fromkeys(sample["group"] for run in runs for sample in run["samples"]):
        known = set()
        for number in sorted(range(len(runs)), key=lambda number: rank(number, group), reverse=True):
            samples = [sample for sample in runs[number]["samples"] if sample["group"] == group]
            names = {sample["name"] for sample in samples}
            if names - known:
                known |= names
                kept[number] += samples
    runs = [dict(run, samples=samples) for run, samples in zip(runs, kept) if samples]
    if not runs:
        raise ValueError("nothing was measured")
    samples = [dict(sample, run=number) for number, run in enumerate(runs) for sample in run["samples"]]
    complete = all(sample["group"] in run["finished"] for run in runs for sample in run["samples"])
    return {"schema": SCHEMA, "complete": complete, "runs": runs, "samples": samples}


def by_repeat(samples, group, workload, name, figure):
    """A figure by the number of its run and its repeat, where there is one."""
    return {
        (sample["run"], sample["repeat"]): sample[figure]
        for sample in samples
        if (sample["group"], sample["workload"], sample["name"]) == (group, workload, name)
        and sample.get(figure) is not None
    }


def values(samples, group, workload, name, figure):
    return list(by_repeat(samples, group, workload, name, figure).values())


def median(samples, group, workload, name, figure):
    """None where there is no figure."""
    found = values(samples, group, workload, name, figure)
    return statistics.median(found) if found else None
