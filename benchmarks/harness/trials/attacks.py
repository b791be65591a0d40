"""Trials in which somebody does what a server's port lets anyone do, or a server is gone."""

import select
import socket
import time

from ..process import Trouble
from .processes import Peak

# Some more than 20,000 and 2,000, for what a busy machine makes the sender leave out.
GARBAGE_PER_S = 20_500
HELLOS_PER_S = 2_050
GIB = 1 << 30


def garbage(stage):
    """What a bulk transfer loses to garbage on the server's port."""
    plain = stage.server()
    keyed = stage.server(reset_key=stage.path / "reset")
    sides = {server: (stage.client(server, "Peer"), stage.client(server, "trials.Attacker")) for server in (plain, keyed)}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        # With a client each; nobody reads the socket elsewhere: that is what the sender alone takes.
        conditions = [
            ("quiet", plain, None, None),
            ("elsewhere", plain, "short", elsewhere.getsockname()[1]),
            ("short", plain, "short", plain.port),
            ("quiet, reset key", keyed, None, None),
            ("short, reset key", keyed, "short", keyed.port),
            ("stale", keyed, "stale", keyed.port),
            ("initial", plain, "initial", plain.port),
        ]
        size = stage.short(2 * GIB, GIB // 2)
        for client, _ in sides.values():
            client.ask(f"down {GIB}")
        for repeat in range(stage.short(5, 2)):
            turn = repeat % len(conditions)
            for name, server, kind, port in conditions[turn:] + conditions[:turn]:
                client, attacker = sides[server]
                before, stats = server.resident(), server.ask("stats")
                if kind:
                    attacker.ask(f"begin {kind} {GARBAGE_PER_S} {port}")
                bulk = client.ask(f"down {size}")
                sent = attacker.ask("end") if kind else {}
                stats_then = server.ask("stats")
                stage.keep(
                    name,
                    repeat,
                    mib_per_s=bulk["mib_per_s"],
                    garbage_per_s=sent.get("datagrams_per_s", 0.0),
                    dropped=stats_then["datagrams_dropped"] - stats["datagrams_dropped"],
                    resets=stats_then["stateless_resets"] - stats["stateless_resets"],
                    answered=sent.get("bytes_received", 0) / (sent.get("bytes_sent") or 1),
                    growth_mib=server.resident() - before,
                )


def flood(stage):
    """First flights of real handshakes that nobody continues, and what good clients notice."""
    seconds = stage.short(10, 3)
    for repeat in range(stage.short(2, 1)):
        server = stage.server()
        good, attacker = stage.client(server), stage.client(server, "trials.Attacker")
        # What the first connections load is not the flood's.
        good.ask("connects 2 50", 2)
        recorded = attacker.ask(f"record {HELLOS_PER_S * seconds}", 60)["hellos"]
        stage.keep("quiet", repeat, **good.ask(f"connects {seconds} 20", seconds))
        before, stats = server.resident(), server.ask("stats")
        peak = Peak(server)
        attacker.tell(f"flood {HELLOS_PER_S}")
        good.tell(f"connects {seconds} 20")
        peak.until(lambda: select.select([attacker.process.stdout], [], [], 0)[0])
        sent, connects, stats_then = attacker.answer(), good.answer(seconds), server.ask("stats")
        if sent["volleys"] != recorded:
            raise Trouble(f"{sent['volleys']} of {recorded} hellos were sent")
        stage.keep(
            "flood",
            repeat,
            hellos_per_s=sent["volleys_per_s"],
            retries=stats_then["retries"] - stats["retries"],
            refused=stats_then["refused"] - stats["refused"],
            growth_mib=peak.most - before,
            kib_per_hello=(peak.most - before) * 1024 / recorded,
            answered=sent["bytes_received"] / sent["bytes_sent"],
            **connects,
        )
        stage.end()


def dead(stage):
    """A server that is killed, and one that takes its place: when do calls that wait for the first fail?"""
    key = stage.path / "reset"
    server = stage.server(reset_key=key)
    port = server.port
    client = stage.client(server)
    for repeat in range(stage.short(10, 2)):
        client.tell("pend")
        if not client.answer().get("pending"):
            raise Trouble("no call is pending")
        killed = time.monotonic()
        server.kill()
        server = stage.server(reset_key=key, port=port)
        back = time.monotonic()
        failed = client.answer()
        now = time.monotonic()
        stage.keep("killed", repeat, since_kill_s=now - killed, since_back_s=now - back, kind=failed["kind"])
