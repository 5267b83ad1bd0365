"""A cable with faults: `wire.py DEVICE DEVICE` passes frames between two devices, and mistreats TCP on the way.

In each direction one TCP frame in 29 is lost, one in 53 passes twice, and one in 13 is overtaken by the next three
(or by a pause of 30 ms). What netem does, by count instead of chance, on kernels that lack it.
"""
import select
import socket
import struct
import sys
import time

ETH_P_ALL = 0x0003
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
IPV4, IPV6, TCP = 0x0800, 0x86DD, 6
OVERTAKEN_BY, LONGEST_PAUSE = 3, 0.03


def opened(device):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    sock.bind((device, ETH_P_ALL))
    return sock


def is_tcp(frame):
    kind = struct.unpack_from("!H", frame, 12)[0]
    return (kind == IPV4 and frame[23] == TCP) or (kind == IPV6 and frame[20] == TCP)


class Way:
    """One direction of the cable."""

    def __init__(self, source, sink):
        self.source, self.sink = source, sink
        self.count = 0
        self.held = []  # [frame, how many may still overtake it, until when]

    def forward(self, now):
        frame = self.source.recv(65535)
        if not is_tcp(frame):
            self.sink.send(frame)
            return
        self.count += 1
        if self.count % 29 == 17:
            return
        if self.count % 13 == 9:
            self.held.append([frame, OVERTAKEN_BY, now + LONGEST_PAUSE])
            return
        for _ in range(2 if self.count % 53 == 31 else 1):
            self.sink.send(frame)
        for waiting in self.held:
            waiting[1] -= 1
        self.release(now)

    def release(self, now):
        for waiting in list(self.held):
            if waiting[1] <= 0 or waiting[2] <= now:
                self.sink.send(waiting[0])
                self.held.remove(waiting)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: wire.py DEVICE DEVICE")
    ends = [opened(device) for device in sys.argv[1:]]
    ways = [Way(ends[0], ends[1]), Way(ends[1], ends[0])]
    while True:  # until the recording ends it
        readable, _, _ = select.select(ends, [], [], LONGEST_PAUSE / 2)
        now = time.monotonic()
        for way in ways:
            if way.source in readable:
                way.forward(now)
            way.release(now)
