"""What is to be reached, against whom or as such. A goal is reached when the median of the repeats is, or their spread is."""

import dataclasses
import statistics

from .store import by_repeat


@dataclasses.dataclass(frozen=True)
class Goal:
    group: str
    workload: str
    figure: str
    ours: str
    # Whose figure ours is divided by; none where ours counts as such.
    theirs: str
    at_least: bool
    bound: float
    # The workload of theirs where it is another one.
    of: str = ""

    def text(self):
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"

    def verdict(self, numbers):
        within = (lambda number: number >= self.bound) if self.at_least else (lambda number: number <= self.bound)
        if within(statistics.median(numbers)):
            return "reached"
        best = max(numbers) if self.at_least else min(numbers)
        return "reached by the spread alone" if within(best) else "missed"

    def numbers(self, samples):
        """Ours over theirs, for each repeat that has both; or ours. Of one run, for one verdict is of one commit."""
        ours = by_repeat(samples, self.group, self.workload, self.ours, self.figure)
        if self.theirs:
            theirs = by_repeat(samples, self.group, self.of or self.workload, self.theirs, self.figure)
            ours = {key: ours[key] / theirs[key] for key in sorted(ours) if theirs.get(key)}
        runs = [run for run, _ in ours]
        # The latest of those with the most repeats: quick runs and aborted ones have fewer.
        chosen = max(runs, key=lambda run: (runs.count(run), run), default=None)
        return [figure for (run, _), figure in ours.items() if run == chosen]


def _goals():
    def add(group, theirs, ours="java", **bounds):
        for key, (sign, bound) in bounds.items():
            workload, figure = FIGURES[key]
            yield Goal(group, workload, figure, ours, theirs, sign == ">=", bound)

    bulk = {"down": (">=", 1.3), "up": (">=", 1.3), "down_cpu": ("<=", 0.9), "up_cpu": ("<=", 0.9)}
    yield from add("transport", "rust-multi", **bulk, p50=("<=", 1.2), calls64=(">=", 1.0))
    yield from add("connections", "rust-multi", connections1=(">=", 0.9), connections32=(">=", 0.9))
    yield from add("transport", "rust-split", down=(">=", 1.4), up=(">=", 1.4), calls64=(">=", 1.0), p50=("<=", 1.0))
    yield from add("transport", "rust-current", down=(">=", 0.8), up=(">=", 0.8))
    yield from add("mtu", "rust-current", down=(">=", 0.8), up=(">=", 0.8))
    yield from add("transport", "rust-current", ours="java-inline", calls64=(">=", 0.75), p50=("<=", 1.2))
    yield from add("transport", "quinn", down=(">=", 0.9), up=(">=", 0.9))
    every = {"down": (">=", 1.7), "up": (">=", 1.7), "down8": (">=", 1.7), "up8": (">=", 1.7), "p50": ("<=", 1.0)}
    yield from add("transport", "netty-quic", **every, calls64=(">=", 1.2), calls512=(">=", 1.2))
    yield from add("transport", "netty-quic", ours="java-inline", p50=("<=", 1.0), calls64=(">=", 1.2))
    for group in ("classic", "connections"):
        yield from add(group, "netty-quic", connections1=(">=", 1.5), connections32=(">=", 1.5))
    yield from add("transport", "kwik", down=(">=", 25), up=(">=", 25), calls64=(">=", 5))
    yield from add("connections", "kwik", connections1=(">=", 15), connections32=(">=", 15))
    yield from add("transport", "jdk-tls", calls64=(">=", 2.5))
    yield from add("transport", "jdk-tls", ours="java-inline", calls64=(">=", 2.5))
    yield from add("connections", "jdk-tls", connections1=(">=", 6), connections32=(">=", 6))
    yield from add("start", "jdk-tls", start=("<=", 1.5))
    rust = {"rpc1": ("<=", 1.4), "rpc64": (">=", 0.9), "rpcmib": (">=", 0.9)}
    yield from add("rpc", "rust-rpc-s2n", ours="java-rpc", **rust)
    yield from add("rpc", "grpc-java", ours="java-rpc", rpc1=("<=", 1.0), rpc64=(">=", 1.5))
    yield from add("rpc", "grpc-java", ours="java-rpc", rpc1=("<=", 0.7), rpc64=(">=", 3))
    yield from add("rpc", "grpc-java", ours="java-rpc-inline", rpc1=("<=", 1.0), rpc64=(">=", 2.5))
    yield Goal("growth", "spread-10000", "per_s", "java", "java", True, 0.7, of="spread-100")
    yield from add("memory", "", native=("<=", 18), heap=("<=", 4))
    yield from add("library", "", library=("<=", 10))
    # Of what JMH tells, less than one byte is nothing: no object is as small, and what the JVM does beside is in it.
    yield from add("allocation", "", receive=("<=", 1), claim=("<=", 1), call=("<=", 400), rpc=("<=", 400))


FIGURES = {
    "down": ("down", "mib_per_s"),
    "up": ("up", "mib_per_s"),
    "down8": ("down-8", "mib_per_s"),
    "up8": ("up-8", "mib_per_s"),
    "down_cpu": ("down", "cpu"),
    "up_cpu": ("up", "cpu"),
    "p50": ("calls-1", "p50_us"),
    "calls64": ("calls-64", "per_s"),
    "calls512": ("calls-512", "per_s"),
    "connections1": ("connections-1", "per_s"),
    "connections32": ("connections-32", "per_s"),
    "start": ("start", "first_ms"),
    "rpc1": ("rpc-1", "p50_us"),
    "rpc64": ("rpc-64", "per_s"),
    "rpcmib": ("rpc-mib", "mib_per_s"),
    "native": ("idle-10000", "server_native_kib"),
    "heap": ("idle-10000", "server_heap_kib"),
    "library": ("library", "megabytes"),
    "receive": ("receive-copy", "bytes_per_operation"),
    "claim": ("claim-commit", "bytes_per_operation"),
    "call": ("call", "bytes_per_operation"),
    "rpc": ("rpc-call", "bytes_per_operation"),
}
GOALS = tuple(_goals())
