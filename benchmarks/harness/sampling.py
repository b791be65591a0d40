"""Taking samples in turns, and again where others used the machine meanwhile."""

import os
import pathlib
import sys
import time

from .process import TICK, Missing, Trouble, Unsupported
from .workloads import MIB

# Of the processors' time during a sample: more used by others than this, and it is taken again.
OTHERS = 0.05


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Progress:
    """What is left, by what it took until now."""

    def __init__(self, count):
        self.count, self.done, self.began = count, 0, time.monotonic()

    def tell(self, sample):
        self.done += 1
        left = (time.monotonic() - self.began) / self.done * max(self.count - self.done, 0)
        figures = ("per_s", "mib_per_s", "first_ms", "server_kib", "p50_us", "bytes_per_operation", "megabytes")
        figure = next((f"{sample[key]:12,.1f} {key}" for key in figures if sample.get(key) is not None), "")
        again = f"  after {sample['discarded']} disturbed" if sample["discarded"] else ""
        say(f"{self.done}/{self.count}, {left / 60:.0f} min left: {sample['workload']:15} {sample['name']:15}{figure}{again}")

    def skip(self, count=1):
        self.count -= count


def busy_seconds():
    """What all processes used, and what the host kept for itself."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    user, nice, system, _, _, _, _, steal = fields[:8]
    return (user + nice + system + steal) / TICK


def undisturbed(take, tries, share=OTHERS):
    """What `take` gives when nobody else used the machine; it tells the CPU seconds that were its own."""
    for attempt in range(tries):
        busy, began = busy_seconds(), time.monotonic()
        result = take()
        spent = (time.monotonic() - began) * os.cpu_count()
        others = busy_seconds() - busy - result["both_cpu_seconds"]
        # Some ticks of the clock are lost in rounding.
        disturbed = others > share * spent + 4 / TICK
        result.update(discarded=attempt, others=round(max(others, 0) / spent, 3), disturbed=disturbed)
        if not disturbed:
            break
    return result


def cost(result):
    """CPU seconds of both processes per GiB, per 1,000 calls or per 1,000 connections."""
    cpu = result["both_cpu_seconds"]
    for count in ("calls", "connections"):
        if result.get(count):
            return cpu / result[count] * 1000
    return cpu / result["bytes"] * 1024 * MIB if result.get("bytes") else None


def warm_up(implementations, group, quick):
    for implementation in implementations:
        say("warming up", implementation.name)
        try:
            for _ in range(2 if quick else 3):
                for workload in taken(implementation, group):
                    try:
                        implementation.run(workload.told(True, implementation.peer.part))
                    except Unsupported:
                        implementation.unsupported.add(workload.key)
        except (Trouble, Missing) as trouble:
            give_up(implementation, trouble)


def taken(implementation, group):
    peer, no = implementation.peer, implementation.unsupported
    return [workload for workload in group.workloads if peer.does(workload) and workload.key not in no]


def give_up(implementation, trouble):
    implementation.given_up = True
    complaint = implementation.complaint()
    say(f"{implementation.name}: {trouble}: left out from here on." + (f" It said:\n{complaint[-2000:]}" if complaint else ""))


def turns(group, implementations, quick, repeats, store, progress):
    """Each workload on all implementations in turn, again and again."""
    if group.key != "steady":
        warm_up(implementations, group, quick)
    for repeat in range(repeats):
        for workload in group.workloads:
            # Who comes first changes with every repeat.
            turn = repeat % len(implementations)
            for implementation in implementations[turn:] + implementations[:turn]:
                if implementation.given_up or workload not in taken(implementation, group):
                    progress.skip()
                    continue
                line = workload.told(quick, implementation.peer.part)
                try:
                    result = undisturbed(lambda: implementation.run(line), group.tries)
                except Unsupported:
                    implementation.unsupported.add(workload.key)
                    progress.skip()
                    continue
                except (Trouble, Missing) as trouble:
                    give_up(implementation, trouble)
                    progress.skip()
                    continue
                keep(store, progress, group, workload, implementation, repeat, result)


def keep(store, progress, group, workload, implementation, repeat, result):
    result.update(group=group.key, workload=workload.key, name=implementation.name, repeat=repeat)
    result["cpu"] = cost(result)
    result["per_s"] = result.get("calls_per_s") or result.get("connections_per_s")
    store.add(result)
    progress.tell(result)
