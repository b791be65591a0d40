"""The trials: what each measures, which of its figures are shown, and what is to be reached."""

import dataclasses
import statistics

from . import attacks, scale


@dataclasses.dataclass(frozen=True)
class Row:
    title: str
    figure: str
    digits: int = 0


@dataclasses.dataclass(frozen=True)
class Goal:
    """`figure` of `condition`, or where there is `of`, its ratio to that of the condition `of` in the same repeat."""

    title: str
    condition: str
    figure: str
    at_least: bool
    bound: float
    of: str = ""
    # What stands for the repeats: their median, or where each of them counts, the worst.
    each: bool = False

    def values(self, samples):
        ours = by_repeat(samples, self.condition, self.figure)
        if not self.of:
            return list(ours.values())
        theirs = by_repeat(samples, self.of, self.figure)
        return [ours[repeat] / theirs[repeat] for repeat in sorted(ours) if theirs.get(repeat)]

    def one(self, values):
        if not self.each:
            return statistics.median(values)
        return min(values) if self.at_least else max(values)

    def reached(self, values):
        one = self.one(values)
        return one >= self.bound if self.at_least else one <= self.bound

    def text(self):
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"


@dataclasses.dataclass(frozen=True)
class Trial:
    title: str
    about: str
    run: object
    rows: tuple
    goals: tuple = ()


def by_repeat(samples, condition, figure):
    return {
        sample["repeat"]: sample[figure] for sample in samples if sample["condition"] == condition and sample.get(figure) is not None
    }


def least(title, condition, figure, bound, **more):
    return Goal(title, condition, figure, True, bound, **more)


def most(title, condition, figure, bound, **more):
    return Goal(title, condition, figure, False, bound, **more)


TRIALS = {
    "parked": Trial(
        "Parked threads",
        "10,000 virtual threads wait in receives, and as many in those of the server, over 10 connections; on another one a call is made after the other. "
        "With `gc` both sides call `System.gc()` each second. The longest wait is where such a collection shows: at one call at a time it hits one call in thousands. "
        "A carrier is held when the JDK tells of a pinned virtual thread, and when a virtual thread that wants to run every 5 ms comes later than a platform thread that does; "
        "that the flight recorder tells of one is tried out first.",
        scale.parked,
        (
            Row("call, p50 µs", "p50_us", 1),
            Row("call, p99 µs", "p99_us", 1),
            Row("longest call, ms", "max_ms", 1),
            Row("virtual threads pinned for more than 20 ms", "pinned"),
            Row("a virtual thread was late, ms", "virtual_late_ms", 1),
            Row("a platform thread was late, ms", "platform_late_ms", 1),
            Row("later than it, by at most, ms", "held_ms", 1),
        ),
        (
            most("p99 against idle", "parked", "p99_us", 2, of="idle"),
            most("p99 against idle, with collections", "parked, gc", "p99_us", 2, of="idle"),
            most("virtual threads pinned for more than 20 ms", "parked", "pinned", 0, each=True),
            most("the same, with collections", "parked, gc", "pinned", 0, each=True),
            most("ms that a virtual thread was later than a platform thread", "parked", "held_ms", 20),
            most("the same, with collections", "parked, gc", "held_ms", 20),
        ),
    ),
    "garbage": Trial(
        "Garbage",
        "A download, while another process sends 20,000 datagrams/s. `elsewhere`: to a port that nobody reads, so that it shows what the sender takes of the machine. "
        "`short`: 300 bytes, a short header with an id that nobody made. `stale`: the same with the id of a connection that has ended, each of which is answered by a stateless reset. "
        "`initial`: 1,200 bytes, an Initial packet that nobody can open. A reset key makes no difference to what is answered: an id that the server did not make gets no reset, with or without one.",
        attacks.garbage,
        (
            Row("download, MiB/s", "mib_per_s"),
            Row("garbage, datagrams/s", "garbage_per_s"),
            Row("of them dropped as such by the server", "dropped"),
            Row("stateless resets", "resets"),
            Row("bytes answered per byte of garbage", "answered", 2),
            Row("the server's memory grew by, MiB", "growth_mib", 1),
        ),
        (
            least("goodput kept, short headers", "short", "mib_per_s", 0.5, of="quiet"),
            least("goodput kept, short headers, with a reset key", "short, reset key", "mib_per_s", 0.5, of="quiet, reset key"),
            least("goodput kept, short headers that are answered", "stale", "mib_per_s", 0.5, of="quiet, reset key"),
            least("goodput kept, Initial packets", "initial", "mib_per_s", 0.7, of="quiet"),
            least("goodput with a reset key against without one", "short, reset key", "mib_per_s", 0.9, of="short"),
            most("bytes answered per byte, stale", "stale", "answered", 1, each=True),
            most("memory, MiB", "initial", "growth_mib", 32, each=True),
        ),
    ),
    "flood": Trial(
        "Flood of hellos",
        "First flights of real handshakes that nobody goes on with, 2,000 a second, each sent once, from 32 addresses; beside them a good client connects 20 times a second. Default limits.",
        attacks.flood,
        (
            Row("hellos/s", "hellos_per_s"),
            Row("connects of the good client", "attempts"),
            Row("failed", "failed"),
            Row("done within 1 s, %", "within_1s", 1),
            Row("p50, ms", "p50_ms", 1),
            Row("p99, ms", "p99_ms", 1),
            Row("Retries", "retries"),
            Row("refused", "refused"),
            Row("the server's memory grew by, MiB", "growth_mib", 1),
            Row("KiB per hello", "kib_per_hello", 2),
            Row("bytes answered per byte of the flood", "answered", 2),
        ),
        (
            least("hellos/s", "flood", "hellos_per_s", 2000, each=True),
            least("connects within 1 s, %", "flood", "within_1s", 99, each=True),
            most("KiB per hello", "flood", "kib_per_hello", 2),
            most("bytes answered per byte", "flood", "answered", 1, each=True),
        ),
    ),
    "dead": Trial(
        "A killed server",
        "`kill -9`, and a server with the same reset key on the same port. A call waits for the first one meanwhile.",
        attacks.dead,
        (Row("s from the kill until the call fails", "since_kill_s", 2), Row("s from when the new one listens", "since_back_s", 2)),
        (most("s from when the new one listens", "killed", "since_back_s", 2, each=True),),
    ),
    "rotate": Trial(
        "Certificates",
        "100 reloads while 200 calls/s are made over 4 connections; after each a client connects until the new certificate is shown. The time counts from before the reload.",
        scale.rotate,
        (
            Row("ms until the new serial is shown", "serial_ms", 1),
            Row("calls", "attempts"),
            Row("failed", "failed"),
            Row("call, p99 ms", "p99_ms", 1),
        ),
        (most("failed calls", "calls", "failed", 0, each=True), most("ms until the new serial", "reload", "serial_ms", 1000, each=True)),
    ),
    "churn": Trial(
        "Endpoints",
        "2,000 times in one process: a server and a client are opened, a connection and a call are made, and all is closed. After 500 such, for what the first ones load; the heap is as large from the beginning.",
        scale.churn,
        (
            Row("cycles/s", "cycles_per_s", 1),
            Row("resident memory, MiB more", "rss_mib", 1),
            Row("threads more", "threads"),
            Row("of them the library's", "library_threads"),
            Row("file descriptors more", "fds"),
            Row("native objects more", "live"),
            Row("native bytes more", "native_bytes"),
        ),
        (
            most("resident memory, MiB more", "cycles", "rss_mib", 16),
            most("threads of the library more", "cycles", "library_threads", 0, each=True),
            most("file descriptors more", "cycles", "fds", 0, each=True),
            most("native objects more", "cycles", "live", 0, each=True),
        ),
    ),
    "disk": Trial(
        "A full disk",
        "A file system of 8 MiB that has room when the server begins, and is filled before 200 calls/s and 20 connects/s are made. "
        "The flight recording is written there at its end only, and its repository lies elsewhere; with the repository there the JDK itself ends the process, "
        "which is no goal of this library: keep it where there is room.",
        scale.disk,
        (
            Row("calls", "attempts"),
            Row("failed", "failed"),
            Row("connects failed", "failed_connects"),
            Row("call, p99 ms", "p99_ms", 1),
            Row("the server lives (1) or not (0)", "alive"),
            Row("lines of complaint", "told"),
        ),
        (
            most("failed calls, qlog", "qlog", "failed", 0, each=True),
            most("failed connects, qlog", "qlog", "failed_connects", 0, each=True),
            least("lines of complaint, qlog", "qlog", "told", 1),
            most("failed calls, flight recording", "flight recording", "failed", 0, each=True),
            most("failed connects, flight recording", "flight recording", "failed_connects", 0, each=True),
        ),
    ),
    "steady10k": Trial(
        "10,000 connections of one client",
        "Each makes a call in 10 s, for 60 s; a call's time counts from when it is due.",
        scale.steady10k,
        (
            Row("calls", "attempts"),
            Row("failed", "failed"),
            Row("p50, ms", "p50_ms", 1),
            Row("p99, ms", "p99_ms", 1),
            Row("longest, ms", "max_ms", 1),
            Row("server, KiB per connection", "server_kib", 1),
            Row("client, KiB per connection", "client_kib", 1),
            Row("the server grew during the calls by, MiB", "server_growth_mib", 1),
            Row("the client", "client_growth_mib", 1),
        ),
        (most("failed calls", "calls", "failed", 0, each=True), most("KiB per connection outside of the heap", "calls", "server_kib", 24)),
    ),
}
