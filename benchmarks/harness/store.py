"""The raw results: one JSON file, whole at any moment."""

import json
import os
import statistics

SCHEMA = 1


class Store:
    """Samples and facts; each change is in the file before anything else happens."""

    def __init__(self, path, facts):
        self.path = path
        self.data = {"schema": SCHEMA, "complete": False, "facts": facts, "samples": []}

    def add(self, sample):
        self.data["samples"].append(sample)
        self.write()

    def complete(self):
        self.data["complete"] = True
        self.write()

    def write(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        replace(self.path, text(self.data))


def text(data):
    """A line for each sample."""
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
    except json.JSONDecodeError as broken:
        raise ValueError(f"{path} is not whole: {broken}") from broken
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ValueError(f"{path} is not a result of schema {SCHEMA}")
    return data


def by_repeat(samples, group, workload, name, figure):
    """A figure by the number of its repeat, where there is one."""
    return {
        sample["repeat"]: sample[figure]
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
