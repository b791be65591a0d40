"""The processes of a trial: told lines, they answer in JSON."""

import json
import pathlib
import select
import subprocess
import tempfile
import time

from .. import machine
from ..peers import JVM_FLAGS
from ..process import PATIENCE, Trouble

PACKAGE = "rs.jetstream.benchmarks"
# Of a server's resident size, its heap is all there from the beginning: what grows is not it.
HEAP = {"server": "256m", "client": "512m"}


class Process:
    """One process, and the lines between it and the trial."""

    def __init__(self, command, directory):
        self.errors = tempfile.TemporaryFile("w+", dir=directory)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, bufsize=1
        )
        self.address = None

    def tell(self, line):
        try:
            self.process.stdin.write(line + "\n")
        except OSError as broken:
            raise Trouble(f"it ended before {line!r}: " + self.complaint()[-2000:]) from broken

    def line(self, patience=PATIENCE):
        if not select.select([self.process.stdout], [], [], patience)[0]:
            raise Trouble(f"no answer within {patience:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            raise Trouble("it ended: " + self.complaint()[-2000:])
        return line

    def answer(self, more=0):
        """The answer to the line told before; `more` seconds are what it is to take."""
        answer = json.loads(self.line(PATIENCE + more))
        if not answer.get("ok", True):
            raise Trouble(answer["error"])
        return answer

    def ask(self, line, more=0):
        self.tell(line)
        return self.answer(more)

    def listening(self):
        words = self.line().split()
        if len(words) != 2 or words[0] != "listening":
            raise Trouble("the server does not start: " + self.complaint()[-2000:])
        self.address = words[1]
        return self

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    def resident(self):
        """MiB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise Trouble("the system tells no resident size")

    def complaint(self):
        self.errors.seek(0)
        return self.errors.read()

    def kill(self):
        """As the system does it: nothing of it ends in order."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        try:
            self.process.stdin.close()
            self.process.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            self.kill()
        self.process.stdout.close()
        self.errors.close()


class Stage:
    """Where a trial runs: it makes the processes, keeps the samples, and ends what is left."""

    def __init__(self, java, quick, keep, flags=JVM_FLAGS):
        self.java, self.quick, self.flags = java, quick, flags
        self.keep = keep
        self.processes = []

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="jetstream-trial-")
        self.path = pathlib.Path(self.folder.name)
        self.certs = self.path / "certs"
        machine.certificates(str(self.certs))
        return self

    def __exit__(self, *_):
        self.end()
        self.folder.cleanup()

    def end(self):
        """Ends all processes, the last one first."""
        while self.processes:
            self.processes.pop().stop()

    def short(self, seconds, quick):
        """How long or often: less for a look."""
        return quick if self.quick else seconds

    def start(self, main, role, heap, words, flags=()):
        memory = [f"-Xmx{heap}", f"-Xms{heap}", "-XX:+AlwaysPreTouch"]
        flags = [*(flag for flag in self.flags if not flag.startswith("-Xm")), *memory, *flags]
        target = machine.BENCHMARKS / "target"
        path = f"{target}/classes:{target}/lib/*"
        command = [self.java, *flags, "--enable-native-access=ALL-UNNAMED", "-cp", path, f"{PACKAGE}.{main}", role, *words]
        process = Process(command, self.path)
        self.processes.append(process)
        return process

    def server(self, flags=(), **options):
        words = ["--cert", f"{self.certs}/server.crt", "--key", f"{self.certs}/server.key", "--client-ca", f"{self.certs}/ca.crt"]
        return self.start("trials.TrialServer", "server", HEAP["server"], words + said(options), flags).listening()

    def client(self, server, main="trials.TrialClient", flags=(), **options):
        words = ["--connect", server.address, "--cert", f"{self.certs}/client.crt", "--key", f"{self.certs}/client.key"]
        words += ["--client-ca", f"{self.certs}/ca.crt", *said({"ca": f"{self.certs}/ca.crt", **options})]
        return self.start(main, "client", HEAP["client"], words, flags)


def said(options):
    """Names are written with `_` for `-`; what is None is not said."""
    return [word for name, value in options.items() if value is not None for word in (f"--{name.replace('_', '-')}", str(value))]


class Peak:
    """The most resident memory of a process while something goes on."""

    def __init__(self, process):
        self.process, self.most = process, 0.0

    def until(self, ready):
        """Looks ten times a second until `ready` says so."""
        while not ready():
            self.most = max(self.most, self.process.resident())
            time.sleep(0.1)
        return self.most
