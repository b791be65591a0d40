"""What is measured. Workloads of a group run in turns, with the same processes and the same settings."""

import dataclasses

from . import peers

MIB = 1 << 20


@dataclasses.dataclass(frozen=True)
class Workload:
    key: str
    # What the client is told; {n} is the amount.
    line: str
    amount: int
    quick: int
    least: int = 1

    def told(self, quick, part):
        return self.line.format(n=max((self.quick if quick else self.amount) // part, self.least))


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of the tables: what a workload's figure is called."""

    workload: str
    figure: str
    title: str
    digits: int = 0


@dataclasses.dataclass(frozen=True)
class Group:
    key: str
    title: str
    peers: tuple
    workloads: tuple
    rows: tuple
    settings: dict = dataclasses.field(default_factory=dict)
    # Flags of the JVMs beside those of all.
    jvm: tuple = ()
    # How a sample is taken: by a line to the client, or as harness.special has it.
    kind: str = "turns"
    repeats: int = 5
    # How often a sample is taken again that others disturbed.
    tries: int = 4
    # Measured without being asked for.
    default: bool = True


def _bulk(key, line, amount=512 * MIB, quick=96 * MIB):
    return Workload(key, line, amount, quick, least=MIB)


DOWN, UP = _bulk("down", "down {n}"), _bulk("up", "up {n}")
CALLS = tuple(
    Workload(f"calls-{width}", f"calls {{n}} {width}", amount, quick, least=width * 2)
    for width, amount, quick in ((1, 20_000, 4_000), (8, 60_000, 10_000), (64, 100_000, 20_000), (512, 100_000, 20_000))
)
CONNECTIONS = (
    Workload("connections-1", "connections {n} 1", 500, 80, least=20),
    Workload("connections-32", "connections {n} 32", 1_000, 128, least=64),
)
CONNECTION_ROWS = (
    Row("connections-1", "per_s", "connections/s, 1 at a time"),
    Row("connections-32", "per_s", "connections/s, 32 at a time"),
    Row("connections-32", "cpu", "CPU s per 1,000 connections, 32 at a time", 2),
)


def _curve(prefix, template, points, amount, title, figure="mib_per_s"):
    """Workloads and rows of one curve: `points` are its places."""
    workloads = tuple(
        Workload(f"{prefix}-{point}", template.replace("@", str(point)), amount(point), max(amount(point) // 8, 1))
        for point in points
    )
    return workloads, tuple(Row(f"{prefix}-{point}", figure, title.replace("@", f"{point:,}")) for point in points)


_BY_PAYLOAD = _curve(
    "calls-size", "calls {n} 8 @", (32, 256, 2048, 16384, 131072, 1048576, 16777216),
    lambda size: max(4, min(20_000, 256 * MIB // size)), "calls of @ bytes, 8 at a time, MiB/s each way",
)  # fmt: skip
_BY_STREAMS = _curve(
    "down-streams", "down {n} @", (1, 4, 16, 64, 256, 1000), lambda _: 256 * MIB, "@ streams at once, MiB/s"
)
_BY_CONNECTIONS = (1, 10, 100, 1_000, 10_000)



def without(*names):
    """The transports but those that have no such thing, or have it in another measure."""
    return tuple(name for name in peers.TRANSPORTS if name not in names)


GROUPS = {
    group.key: group
    for group in (
        Group(
            "transport",
            "Bulk and calls",
            peers.TRANSPORTS,
            (
                DOWN,
                UP,
                _bulk("down-8", "down {n} 8"),
                _bulk("up-8", "up {n} 8"),
                Workload("messages", "pingpong {n} 1048576", 128, 24, least=4),
                *CALLS,
                Workload("pingpong", "pingpong {n} 32", 20_000, 4_000, least=200),
            ),
            (
                Row("down", "mib_per_s", "down, MiB/s"),
                Row("up", "mib_per_s", "up, MiB/s"),
                Row("down-8", "mib_per_s", "down on 8 streams, MiB/s"),
                Row("up-8", "mib_per_s", "up on 8 streams, MiB/s"),
                Row("messages", "mib_per_s", "1 MiB there and back on one stream, MiB/s each way"),
                Row("calls-1", "p50_us", "1 call at a time, p50 µs", 1),
                Row("calls-1", "p99_us", "1 call at a time, p99 µs", 1),
                Row("calls-8", "per_s", "8 at a time, calls/s"),
                Row("calls-64", "per_s", "64 at a time, calls/s"),
                Row("calls-64", "p99_us", "64 at a time, p99 µs"),
                Row("calls-512", "per_s", "512 at a time, calls/s"),
                Row("pingpong", "p50_us", "32 bytes there and back on one stream, p50 µs", 1),
                Row("down", "cpu", "down, CPU s per GiB", 2),
                Row("up", "cpu", "up, CPU s per GiB", 2),
                Row("calls-1", "cpu", "1 call at a time, CPU s per 1,000", 3),
                Row("calls-64", "cpu", "64 at a time, CPU s per 1,000", 3),
            ),
        ),
        Group("rpc", "Calls of services", peers.RPC, (
            Workload("rpc-1", "rpc {n} 1 32", 20_000, 4_000),
            Workload("rpc-64", "rpc {n} 64 32", 100_000, 20_000, least=128),
            Workload("rpc-mib", "rpc {n} 1 1048576", 200, 40, least=4),
        ), (
            Row("rpc-1", "p50_us", "1 at a time, p50 µs", 1),
            Row("rpc-1", "p99_us", "1 at a time, p99 µs", 1),
            Row("rpc-64", "per_s", "64 at a time, calls/s"),
            Row("rpc-64", "cpu", "64 at a time, CPU s per 1,000", 3),
            Row("rpc-mib", "mib_per_s", "1 MiB there and back, MiB/s each way"),
        )),
        Group("connections", "New connections, each library's own key exchange", peers.TRANSPORTS, CONNECTIONS, CONNECTION_ROWS),
        Group(
            "classic", "New connections, X25519 for everybody", without("kwik"), CONNECTIONS, CONNECTION_ROWS,
            {"groups": "classic"},
        ),
        Group(
            "hybrid", "New connections, X25519 with ML-KEM-768 for all who have it",
            without("kwik", "jdk-tls", "netty-jdk-tls"), CONNECTIONS, CONNECTION_ROWS, {"groups": "hybrid"}, default=False,
        ),
        Group(
            "server-only", "New connections without client certificates", peers.TRANSPORTS, CONNECTIONS, CONNECTION_ROWS,
            {"mutual": "no"}, default=False,
        ),
        Group("mtu", "Packets of 9,000 bytes", ("java", "rust-multi", "rust-current", "rust-split", "quinn"), (DOWN, UP), (
            Row("down", "mib_per_s", "down, MiB/s"),
            Row("up", "mib_per_s", "up, MiB/s"),
            Row("down", "cpu", "down, CPU s per GiB", 2),
        ), {"mtu": 9000}),
        Group(
            "limit", "512 calls at a time where the peer allows 100 streams",
            ("java", "java-inline", "rust-multi", "rust-current", "rust-split", "quinn"), (
                Workload("calls-512", "calls {n} 512", 20_000, 5_000, least=1024),
            ), (
                Row("calls-512", "per_s", "calls/s"),
                Row("calls-512", "p99_us", "p99 µs"),
            ), {"streams": 100}, repeats=3,
        ),
        Group("memory", "Idle connections", without("kwik"), (
            Workload("idle-1000", "idle {n}", 1_000, 200),
            Workload("idle-10000", "idle {n}", 10_000, 1_000),
        ), (
            Row("idle-1000", "server_kib", "server, KiB per connection, 1,000", 1),
            Row("idle-10000", "server_kib", "server, KiB per connection, 10,000", 1),
            Row("idle-10000", "server_native_kib", "of that outside of the Java heap, KiB", 1),
            Row("idle-10000", "server_heap_kib", "in it, KiB", 1),
        ), kind="memory", repeats=3, jvm=("-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch")),
        Group("start", "Start of the client to the first answer", ("java", "rust-multi", "netty-quic", "kwik", "jdk-tls", "netty-tls"), (
            Workload("start", "calls 1 1", 1, 1),
        ), (Row("start", "first_ms", "ms"),), kind="start", repeats=7),
        Group("steady", "Steady calls, 8 at a time", ("java", "rust-multi", "netty-quic", "jdk-tls"), (
            Workload("steady", "steady {n} 8", 600, 10),
        ), (
            Row("steady", "p50_us", "p50 µs", 1),
            Row("steady", "p99_us", "p99 µs", 1),
            Row("steady", "p999_us", "p99.9 µs", 1),
            Row("steady", "max_us", "slowest, µs"),
            Row("steady", "per_s", "calls/s"),
            Row("steady", "seconds", "measured for, s"),
        ), repeats=1, tries=1, default=False),
        Group("allocation", "What is allocated, bytes per operation", peers.OURS, (
            Workload("receive-copy", "jmh {n} ReceiveBenchmark.copy", 5, 1),
            Workload("receive-lease", "jmh {n} ReceiveBenchmark.lease", 5, 1),
            Workload("claim-commit", "jmh {n} SendBenchmark.claim -p size=1024", 5, 1),
            Workload("call", "jmh {n} CallBenchmark.stream", 5, 1),
            Workload("rpc-call", "jmh {n} CallBenchmark.service", 5, 1),
        ), (
            Row("receive-copy", "bytes_per_operation", "receive into the caller's memory", 2),
            Row("receive-lease", "bytes_per_operation", "receive without a copy, by a lease", 2),
            Row("claim-commit", "bytes_per_operation", "claim and commit of 1 KiB", 2),
            Row("call", "bytes_per_operation", "call on a new stream, with its deadline, on a virtual thread", 1),
            Row("rpc-call", "bytes_per_operation", "call of a service, with its deadline, on a virtual thread", 1),
        ), kind="jmh", repeats=3),
        Group("library", "Size of the native library", peers.OURS, (Workload("library", "library {n}", 1, 1),), (
            Row("library", "megabytes", "MB", 2),
            Row("library", "packed_megabytes", "MB in the jar", 2),
        ), kind="library", repeats=1),
        Group(
            "payload", "By size of the call", ("java", "java-inline", "rust-multi", "quinn", "netty-quic", "jdk-tls"),
            # Where a call is one array, 8 of the largest do not fit into the heap of all.
            _BY_PAYLOAD[0], _BY_PAYLOAD[1], jvm=("-Xmx1g",), repeats=3, default=False,
        ),
        Group(
            "streams", "By streams at once", ("java", "rust-multi", "rust-current", "quinn", "netty-quic"),
            _BY_STREAMS[0], _BY_STREAMS[1], {"streams": 1000}, repeats=3, default=False,
        ),
        Group("growth", "By connections, 64 calls at a time", ("java", "java-inline", "rust-multi", "netty-quic"), tuple(
            Workload(f"spread-{count}", f"spread {{n}} 64 @{count}", 50_000, 5_000) for count in _BY_CONNECTIONS
        ), tuple(
            Row(f"spread-{count}", "per_s", f"{count:,} connections, calls/s") for count in _BY_CONNECTIONS
        ), kind="growth", repeats=3, default=False),
        Group("loss", "By loss and round trip, through a proxy", (
            "java", "rust-multi", "quinn", "netty-quic",
        ), tuple(
            Workload(f"loss-{loss}-{rtt}", f"down {{n}} @{loss}/{rtt}", 2 * MIB, MIB)
            for loss, rtt in ((0, 0), (0, 20), (1, 20), (3, 20), (1, 100))
        ), tuple(
            Row(f"loss-{loss}-{rtt}", "mib_per_s", f"{loss} % lost each way, {rtt} ms round trip, MiB/s", 2)
            for loss, rtt in ((0, 0), (0, 20), (1, 20), (3, 20), (1, 100))
        ), kind="loss", repeats=3, default=False),
    )
}  # fmt: skip
