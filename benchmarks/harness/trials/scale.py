"""Trials of many threads, connections, endpoints and certificates, and of a disk that is full."""

import subprocess
import time

from ..process import Missing, Trouble
from . import issuer

PARKED = 10_000
CONNECTIONS = 10
RELOADS = 100
CYCLES = 2_000
STEADY = 10_000


def parked(stage):
    """Calls one at a time, beside threads that wait in receives on both sides; also while both collect garbage."""
    seconds = stage.short(3, 1)
    # One stream of each connection beyond them, for what a connection does meanwhile.
    server = stage.server(streams=PARKED // CONNECTIONS + 1)
    client = stage.client(server, streams=PARKED // CONNECTIONS + 1)
    client.ask("open 1")
    for _ in range(2):
        client.ask(f"pings {seconds}", seconds)

    def pings(condition, repeat):
        for side in (client, server):
            side.ask("watch on")
            if "gc" in condition:
                side.ask("collect on")
        figures = client.ask(f"pings {seconds}", seconds)
        for side in (client, server):
            side.ask("collect off")
        watched = [side.ask("watch off") for side in (client, server)]
        stage.keep(
            condition,
            repeat,
            **figures,
            pinned=sum(side["pinned"] for side in watched),
            held_ms=max(side["virtual_late_ms"] - side["platform_late_ms"] for side in watched),
            virtual_late_ms=max(side["virtual_late_ms"] for side in watched),
            platform_late_ms=max(side["platform_late_ms"] for side in watched),
        )

    for repeat in range(stage.short(5, 2)):
        pings("idle", repeat)
        pings("idle, gc", repeat)
        client.ask(f"park {PARKED} {CONNECTIONS}", 60)
        pings("parked", repeat)
        pings("parked, gc", repeat)
        client.ask("unpark", 60)


def rotate(stage):
    """The server's certificate is replaced again and again, while calls go on."""
    reloads = stage.short(RELOADS, 10)
    made = issuer.Issuer(stage.path / "rotation")
    first, *others = [made.issue(number) for number in range(1, reloads + 2)]
    server = stage.server()
    server.ask(f"reload {first} {first.with_suffix('.key')}")
    caller, looker = (stage.client(server, ca=made.certificate) for _ in range(2))
    caller.ask("open 4")
    looker.ask("serial 1")
    began = time.monotonic()
    # Longer than the reloads take, which is looked at below.
    seconds = stage.short(20, 4)
    caller.tell(f"calls {seconds} 200")
    took = []
    for number, certificate in enumerate(others, 2):
        time.sleep(max(0.0, began + (number - 1) * seconds * 0.75 / reloads - time.monotonic()))
        asked = time.monotonic()
        server.ask(f"reload {certificate} {certificate.with_suffix('.key')}")
        looker.ask(f"serial {number:x}")
        took.append(time.monotonic() - asked)
    if time.monotonic() - began > seconds:
        raise Trouble("the reloads took longer than the calls")
    calls = caller.answer(seconds)
    for repeat, one in enumerate(took):
        stage.keep("reload", repeat, serial_ms=one * 1000)
    stage.keep("calls", 0, **calls)


def churn(stage):
    """Endpoints that are opened and closed."""
    server = stage.server()
    cycles = stage.short(CYCLES, 100)
    figures = stage.client(server).ask(f"churn {cycles}", 300)
    stage.keep("cycles", 0, rss_mib=figures["rss_kib"] / 1024, **figures)


def disk(stage):
    """A file system that is full, for all that is written on the side."""
    full = stage.path / "full"
    full.mkdir()
    said = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", full], stderr=subprocess.PIPE, text=True)
    if said.returncode != 0:
        raise Missing("a small file system cannot be mounted: " + said.stderr.strip())
    try:
        for condition, options in beside(full).items():
            fills_up(stage, full, condition, options)
    finally:
        stage.end()
        subprocess.run(["umount", full], check=True)


def beside(full):
    """What a server can be told to write on the side."""
    # Standard output belongs to the trial.
    recording = ["-Xlog:jfr+startup=error", f"-XX:StartFlightRecording:filename={full}/end.jfr,settings=profile"]
    repository = [*recording, f"-XX:FlightRecorderOptions:repository={full},maxchunksize=1M"]
    return {
        "nothing": {},
        "qlog": {"qlog": full},
        "flight recording": {"flags": recording},
        "flight recorder's repository": {"flags": repository},
    }


def fills_up(stage, full, condition, options):
    """The file system has room when the server begins, and none from then on."""
    seconds = stage.short(5, 2)
    server = stage.server(**options)
    client = stage.client(server)
    client.ask("open 4")
    fill(full)
    figures = client.ask(f"calls {seconds} 200", seconds)
    connects = client.ask(f"connects {seconds} 20", seconds)
    alive = server.process.poll() is None
    # A server that is gone has said so on its standard output, as the JDK does.
    text = server.complaint() + ("" if alive else server.process.stdout.read())
    said = [line for line in text.splitlines() if line.strip()]
    told = {"told": len(said), "said": " ".join(said)[:400].replace(str(full), "DIRECTORY")}
    stage.keep(condition, 0, **figures, failed_connects=connects["failed"], alive=int(alive), **told)
    stage.end()
    for left in full.rglob("*"):
        if left.is_file():
            left.unlink()


def fill(directory):
    """Leaves no byte."""
    with open(directory / "rest", "wb", buffering=0) as rest:
        try:
            while True:
                rest.write(bytes(4096))
        except OSError:
            pass


def steady10k(stage):
    """Many connections of one client, each of which makes a call now and then."""
    count, seconds = stage.short(STEADY, 1000), stage.short(60, 5)
    server = stage.server()
    client = stage.client(server)
    client.ask("open 20")
    before = [side.resident() for side in (server, client)]
    client.ask(f"open {count}", 120)
    opened = [side.resident() for side in (server, client)]
    # Each in turn, so that each makes a call in 10 s.
    figures = client.ask(f"calls {seconds} {count / 10}", seconds)
    after = [side.resident() for side in (server, client)]
    stage.keep(
        "calls",
        0,
        connections=count,
        server_kib=(opened[0] - before[0]) * 1024 / count,
        client_kib=(opened[1] - before[1]) * 1024 / count,
        server_growth_mib=after[0] - opened[0],
        client_growth_mib=after[1] - opened[1],
        **figures,
    )
