"""A UDP proxy that loses and delays: by a seed, so that it can be repeated. It is in Python: its own limit is the row without loss."""

import heapq
import random
import select
import socket
import threading
import time


class Proxy:
    """Between one client and one server, for as long as it is entered."""

    def __init__(self, loss, delay, seed):
        self.loss, self.delay = loss, delay
        self.random = random.Random(seed)
        self.packets = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._front = self._socket()
        self._back = self._socket()
        return self

    def __exit__(self, *_):
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._front.close()
        self._back.close()

    def to(self, address):
        """Where to connect to instead of `address`."""
        host, _, port = address.rpartition(":")
        self._server = (host, int(port))
        self._thread.start()
        return "127.0.0.1:%d" % self._front.getsockname()[1]

    @staticmethod
    def _socket():
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            made.setsockopt(socket.SOL_SOCKET, buffer, 4 << 20)
        made.bind(("127.0.0.1", 0))
        made.setblocking(False)
        return made

    def _run(self):
        waiting, client, number = [], None, 0
        while not self._over.is_set():
            now = time.monotonic()
            while waiting and waiting[0][0] <= now:
                _, _, out, packet, address = heapq.heappop(waiting)
                try:
                    out.sendto(packet, address)
                except OSError:
                    pass  # as a network would: it is lost
            wait = min(waiting[0][0] - now, 0.05) if waiting else 0.05
            for came in select.select([self._front, self._back], [], [], max(wait, 0))[0]:
                while True:
                    try:
                        packet, source = came.recvfrom(65536)
                    except OSError:
                        break
                    if came is self._front:
                        client = source
                    self.packets += 1
                    number += 1
                    if self.random.random() < self.loss:
                        continue
                    out, address = (self._back, self._server) if came is self._front else (self._front, client)
                    heapq.heappush(waiting, (time.monotonic() + self.delay, number, out, packet, address))
