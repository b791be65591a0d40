"""Samples that take more than a line: memory, start, growth by connections, and a bad network."""

import time

from .process import Missing, Trouble, Unsupported
from .proxy import Proxy
from .sampling import give_up, keep, taken, turns, undisturbed


def measure(group, implementations, quick, repeats, store, progress):
    if group.kind == "turns":
        turns(group, implementations, quick, repeats, store, progress)
        return
    take = {"memory": memory, "start": start, "growth": growth, "loss": loss}[group.kind]
    for repeat in range(repeats):
        for workload in group.workloads:
            for implementation in implementations:
                if implementation.given_up or workload not in taken(implementation, group):
                    progress.skip()
                    continue
                try:
                    result = take(implementation, workload, quick)
                except Unsupported:
                    implementation.unsupported.add(workload.key)
                    progress.skip()
                    continue
                except (Trouble, Missing, OSError, ValueError) as trouble:
                    give_up(implementation, trouble)
                    progress.skip()
                    continue
                finally:
                    implementation.stop()
                keep(store, progress, group, workload, implementation, repeat, result)


def memory(implementation, workload, quick):
    """What a server's process grows by for each of many idle connections, in a process of its own."""
    count = (workload.quick if quick else workload.amount) // implementation.peer.part
    implementation.begin()
    # What the first connections load is not theirs.
    implementation.ask(implementation.client, "idle 20")
    resident, heap = implementation.server_memory()
    before = implementation.cpu_seconds()
    implementation.ask(implementation.client, f"idle {count}")
    resident_then, heap_then = implementation.server_memory()
    return {
        "connections": count,
        "both_cpu_seconds": round(implementation.cpu_seconds() - before, 3),
        "discarded": 0,
        # All of the heap is resident from the beginning: what is beside it grows, and what is used of it.
        "server_kib": (resident_then - resident + heap_then - heap) / count / 1024,
        "server_native_kib": (resident_then - resident) / count / 1024,
        "server_heap_kib": (heap_then - heap) / count / 1024,
    }


def start(implementation, workload, quick):
    """From the start of the client's process until its first call is answered."""
    implementation.begin_server()
    began = time.monotonic()
    implementation.client = implementation._start([*implementation.connect, "--connect", implementation.address])
    implementation.ask(implementation.client, "calls 1 1")
    return {"calls": 1, "both_cpu_seconds": 0, "discarded": 0, "first_ms": (time.monotonic() - began) * 1000}


def growth(implementation, workload, quick):
    """Calls over many connections at once."""
    line, _, count = workload.told(quick, implementation.peer.part).partition(" @")
    implementation.begin()
    implementation.ask(implementation.client, f"idle {count}")
    for _ in range(2):
        implementation.ask(implementation.client, line)

    def once():
        before = implementation.cpu_seconds()
        result = implementation.ask(implementation.client, line)
        result["both_cpu_seconds"] = round(implementation.cpu_seconds() - before, 3)
        return result

    return undisturbed(once)


def loss(implementation, workload, quick):
    """Bulk through a proxy that loses and delays packets, both ways."""
    line, _, what = workload.told(quick, implementation.peer.part).partition(" @")
    percent, _, rtt = what.partition("/")
    with Proxy(float(percent) / 100, float(rtt) / 2000, seed=7) as proxy:
        implementation.begin(proxy.to)
        implementation.ask(implementation.client, "calls 20 1")
        result = implementation.ask(implementation.client, line)
    result.update(both_cpu_seconds=0, discarded=0, proxied=proxy.packets)
    return result
