"""Who is measured, with which settings."""

import dataclasses

# Said to both sides of everyone: s2n-quic's default window, this library's default policy, streams and socket buffers:
# with s2n-quic's default of 100 streams, 512 callers mostly wait for one, which the group `limit` shows. With s2n-quic's default send buffer of 512 KiB one stream waits for acknowledgements, whoever uses it.
SETTINGS = {
    "data-window": 3_750_000,
    "max-send-buffer": 2 << 20,
    "streams": 1000,
    "mtu": 1500,
    "socket-buffer": 4 << 20,
    "policy": "20250721",
}
JVM_FLAGS = ["-XX:+UseSerialGC", "-Xmx256m", "-Djdk.virtualThreadScheduler.parallelism=1"]


@dataclasses.dataclass(frozen=True)
class Peer:
    """An implementation: a Rust program or a class of `Peer` in Java, both told the settings."""

    name: str
    label: str
    options: dict
    rust: bool = False
    # What the library is so slow at that it gets a part of the work.
    part: int = 1
    # The kinds of workloads that are another thing with this peer; none: all.
    only: tuple = ()
    note: str = ""

    def does(self, workload):
        return not self.only or any(workload.key.startswith(kind) for kind in self.only)


def _rust(name, label, note="", **options):
    return Peer(name, label, options, rust=True, note=note)


def _java(name, label, **more):
    fields = {key: more.pop(key) for key in ("part", "only", "note") if key in more}
    return Peer(name, label, more, **fields)


PEERS = {
    peer.name: peer
    for peer in (
        _java("java", "JetStream for Java", transport="jetstream", note="a virtual thread per call, blocking calls"),
        _java(
            "java-inline",
            "JetStream for Java, handlers on the endpoint's thread",
            transport="jetstream",
            calls="inline",
            only=("calls", "spread"),
            note="`QuicConnection.exchanges()`, experimental, on both sides",
        ),
        _rust("rust-multi", "s2n-quic, Rust, multi-thread runtime", transport="s2n", runtime="multi"),
        _rust("rust-current", "s2n-quic, Rust, one thread", transport="s2n", runtime="current"),
        _rust("rust-split", "s2n-quic, Rust, application on its own thread", transport="s2n", runtime="split"),
        _rust("quinn", "quinn, Rust", transport="quinn", runtime="multi", note="multi-thread runtime, rustls on aws-lc-rs"),
        _java("netty-quic", "Netty QUIC", transport="netty-quic", note="epoll, segmentation offload"),
        _java("kwik", "kwik", transport="kwik", mutual="no", part=16, note="its server cannot ask for client certificates"),
        _java("jdk-tls", "JDK TLS over TCP", transport="jdk-tls", note="`SSLSocket` on virtual threads"),
        _java("netty-tls", "Netty TCP, BoringSSL", transport="netty-tls"),
        _java("netty-jdk-tls", "Netty TCP, the JDK's TLS", transport="netty-jdk-tls"),
        _java("java-rpc", "JetStream RPC for Java", transport="jetstream-rpc", only=("rpc",)),
        _java(
            "java-rpc-inline",
            "JetStream RPC for Java, handlers on the endpoint's thread",
            transport="jetstream-rpc",
            calls="inline",
            only=("rpc",),
            note="`@NonBlocking` and `withCompletionAtOnce`, experimental",
        ),
        _java("grpc-java", "grpc-java", transport="grpc", only=("rpc",), note="Netty, BoringSSL, mutual TLS"),
        _rust("rust-rpc-s2n", "JetStream 16 in Rust, s2n-quic", transport="jetstream-s2n", runtime="multi"),
        _rust("rust-rpc-quinn", "JetStream 16 in Rust, quinn", transport="jetstream-quinn", runtime="multi"),
    )
}

TRANSPORTS = ("java", "java-inline", "rust-multi", "rust-current", "rust-split", "quinn", "netty-quic", "kwik", "jdk-tls")
TRANSPORTS += ("netty-tls", "netty-jdk-tls")
ON_S2N = ("java", "rust-multi", "rust-current", "rust-split")
OURS = ("java",)
RPC = ("java-rpc", "java-rpc-inline", "grpc-java", "rust-rpc-s2n", "rust-rpc-quinn")
