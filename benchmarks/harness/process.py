"""A server and a client of one implementation, as two processes that are told lines and answer in JSON."""

import json
import os
import pathlib
import select
import subprocess
import tempfile

TICK = os.sysconf("SC_CLK_TCK")
# Seconds that an implementation may take for a run, beside those that it is told to take.
PATIENCE = 90
# How often it may fail before it is left out.
TROUBLES = 4


class Trouble(Exception):
    """An implementation did not do what it was told."""


class Unsupported(Exception):
    """It said that it does not have this."""


class Missing(Exception):
    """What is to be run was not built."""


class Implementation:
    def __init__(self, peer, command, certs, settings):
        """`command` runs the peer; `settings` are said to both sides."""
        self.peer = peer
        self.name = peer.name
        self.command, self.certs = command, certs
        options = [word for key, value in settings.items() for word in (f"--{key}", str(value))]
        self.serve = [*command, "server", "--cert", f"{certs}/server.crt", "--key", f"{certs}/server.key"]
        self.serve += ["--client-ca", f"{certs}/ca.crt", *options]
        self.connect = [*command, "client", "--ca", f"{certs}/ca.crt", "--cert", f"{certs}/client.crt"]
        self.connect += ["--key", f"{certs}/client.key", *options, *(["--interactive"] if peer.rust else [])]
        self.errors = tempfile.TemporaryFile("w+")
        self.server = self.client = self.address = None
        self.troubles = []
        self.given_up = False
        self.unsupported = set()

    def jmh(self):
        """The command of JMH on the same machine, by the same flags: the processes that it starts inherit them."""
        *java, _ = self.command
        return [java[0], f"-Djetstream.benchmarks.certs={self.certs}", *java[1:], "org.openjdk.jmh.Main"]

    def begin(self, through=lambda address: address):
        """Starts both sides; the client connects to what `through` makes of the server's address."""
        self.begin_server()
        self.client = self._start([*self.connect, "--connect", through(self.address)])

    def begin_server(self):
        self.server = self._start(self.serve)
        line = self._line(self.server).split()
        if len(line) != 2 or line[0] != "listening":
            raise Trouble("the server does not start")
        self.address = line[1]

    def ask(self, process, line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        words = line.split()
        answer = self._line(process, int(words[1]) if words[0] == "steady" else 0)
        if not answer:
            raise Trouble(f"it ended at {line!r}")
        result = json.loads(answer)
        if result.get("unsupported"):
            raise Unsupported(result.get("error", ""))
        if not result.get("ok", True):
            raise Trouble(result.get("error", answer))
        return result

    def run(self, line):
        """One run; on trouble both processes are made anew, and it runs again."""
        while True:
            try:
                if self.client is None:
                    self.begin()
                before = self.cpu_seconds()
                result = self.ask(self.client, line)
                result["both_cpu_seconds"] = round(self.cpu_seconds() - before, 3)
                return result
            except (Trouble, OSError, ValueError) as trouble:
                self.failed(line, trouble)

    def failed(self, line, trouble):
        """Counts a trouble; raises it when there were too many."""
        self.troubles.append(f"{line}: {trouble}")
        self.stop()
        if len(self.troubles) >= TROUBLES:
            raise Trouble(f"{self.name} failed {TROUBLES} times, the last at {line!r}: {trouble}") from trouble

    def cpu_seconds(self):
        """User and system time of both processes, in steps of the kernel's clock tick."""
        ticks = 0
        for process in (self.client, self.server):
            fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICK

    def server_memory(self):
        """Resident bytes of the server, and used bytes of its Java heap after a collection, 0 without one."""
        heap = self.ask(self.server, "memory").get("heap_bytes", 0)
        for line in pathlib.Path(f"/proc/{self.server.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024, heap
        raise Trouble("the system tells no resident size")

    def complaint(self):
        self.errors.seek(0)
        return self.errors.read().strip()

    def stop(self):
        for process in (self.client, self.server):
            if process is None:
                continue
            try:
                process.stdin.close()
                process.wait(3)
            except (OSError, subprocess.TimeoutExpired):
                process.kill()
                process.wait()
        self.server = self.client = None

    def close(self):
        """Ends both, and forgets what they said."""
        self.stop()
        self.errors.close()

    def _start(self, command):
        try:
            return subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, bufsize=1
            )
        except FileNotFoundError as missing:
            raise Missing(f"{command[0]} is not there: it was not built") from missing

    def _line(self, process, more=0):
        patience = PATIENCE + more
        if not select.select([process.stdout], [], [], patience)[0]:
            raise Trouble(f"no answer within {patience} s")
        return process.stdout.readline()
