"""Samples that take more than a line: memory, start, growth by connections, a bad network, JMH, and the library's size."""

import json
import subprocess
import tempfile
import time
import zipfile

from . import machine
from .process import PATIENCE, Missing, Trouble, Unsupported
from .proxy import Proxy
from .sampling import give_up, keep, taken, turns, undisturbed
from .workloads import GROUPS


def measure(group, implementations, quick, repeats, store, progress):
    if group.kind == "turns":
        turns(group, implementations, quick, repeats, store, progress)
        return
    kinds = {"memory": memory, "start": start, "growth": growth, "loss": loss, "jmh": jmh, "library": library}
    take = kinds[group.kind]
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
                except (Trouble, Missing, OSError, ValueError, subprocess.TimeoutExpired) as trouble:
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

    return undisturbed(once, GROUPS["growth"].tries)


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


def jmh(implementation, workload, quick):
    """What one operation allocates, by JMH, with a server in another process."""
    _, seconds, benchmark, *options = workload.told(quick, 1).split()
    with tempfile.NamedTemporaryFile(suffix=".json") as told:
        command = [*implementation.jmh(), f"{benchmark}$", *options, "-prof", "gc", "-foe", "true", "-rf", "json", "-rff", told.name]
        # Few and long: what JMH itself allocates for each iteration is divided by all operations.
        command += ["-wi", seconds, "-w", "1", "-i", "2", "-r", seconds]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
        results = json.loads(told.read() or "[]") if done.returncode == 0 else []
    if len(results) != 1:
        raise Trouble(f"JMH measured {len(results)} instead of one: {done.stdout.strip()[-1000:]}")
    allocated = results[0]["secondaryMetrics"]["gc.alloc.rate.norm"]["score"]
    return {"both_cpu_seconds": 0, "discarded": 0, "bytes_per_operation": allocated}


def library(implementation, workload, quick):
    """The native library as it is in the jar."""
    for jar in sorted((machine.BENCHMARKS / "target/lib").glob("jetstream-bindings-*.jar")):
        with zipfile.ZipFile(jar) as within:
            for entry in within.infolist():
                if entry.filename.endswith((".so", ".dylib")):
                    sizes = {"megabytes": entry.file_size / 1e6, "packed_megabytes": entry.compress_size / 1e6}
                    return {"both_cpu_seconds": 0, "discarded": 0, **sizes}
    raise Missing("there is no jar with the native library in it: it was not built")
