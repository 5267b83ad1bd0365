"""The traffic that record.sh records: `traffic.py SCENARIO server|client`, SCENARIO one of dns, fragments, offload.

Only the socket interface of the host is used, so every header is the Linux stack's own. Sizes, ports and contents are
the same each time.
"""
import socket
import struct
import sys
import time

SERVER = "10.0.0.53"
CLIENTS = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
UDP_SEGMENT = 103
IP_MTU_DISCOVER, IP_PMTUDISC_DONT = 10, 0


def bound(address, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
    sock.settimeout(0.3)
    sock.bind((address, port))
    return sock


def receive(sock):
    try:
        return sock.recvfrom(65535)
    except TimeoutError:
        return None, None


def serve(port, answer):
    """Answers each request until the recording ends; `answer` gives the datagrams to send back."""
    sock = bound(SERVER, port)
    for _ in range(200):  # of at most 0.3 s without traffic, below the script's minute
        request, client = receive(sock)
        while request is not None:
            for reply in answer(request):
                sock.sendto(reply, client)
            request, client = receive(sock)


def name_of(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def dns_query(ident, name):
    return struct.pack("!6H", ident, 0x0100, 1, 0, 0, 0) + name_of(name) + struct.pack("!2H", 1, 1)


def dns_answer(query):
    """`void` is never answered, `many` gets forty addresses, `none` does not exist, any other name gets one or two."""
    ident, question, label = query[:2], query[12:], query[13 : 13 + query[12]]
    if label == b"void":
        return []
    count = {b"none": 0, b"many": 40}.get(label, 1 + query[1] % 2)
    header = ident + struct.pack("!5H", 0x8183 if label == b"none" else 0x8180, 1, count, 0, 0)
    record = struct.pack("!3HIH", 0xC00C, 1, 1, 300, 4)
    return [header + question + b"".join(record + bytes([192, 0, 2, n]) for n in range(1, count + 1))]


def dns_client():
    names = ["www.example.org", "mail.example.org", "void.example.org", "none.example.org", "many.example.org", "a.b.c.d.example.net"]
    for turn in range(4):
        for index, client in enumerate(CLIENTS):
            fixed = bound(client, 5353 + turn)  # the same port at every client
            for step, name in enumerate(names):
                sock = fixed if step % 2 == 0 else bound(client, 40000 + 100 * turn + step)
                query = dns_query((0x1111 * turn + 7 * step) & 0xFFFF, name)  # the same ids at every client
                for _ in range(2 if name.startswith("void") else 1):  # asked again where nothing comes
                    sock.sendto(query, (SERVER, 53))
                    receive(sock)
                if sock is not fixed:
                    sock.close()
            fixed.close()
            time.sleep(0.1 * index)
        time.sleep(1.5 if turn < 3 else 0)


def text(size, seed):
    return bytes((seed + 31 * i + (i >> 8)) & 0xFF for i in range(size))


def fragments_client():
    sizes = [100, 1472, 1473, 2952, 2953, 4000, 8192, 16000, 33000, 60000]
    for turn in range(2):
        for index, client in enumerate(CLIENTS[:2]):
            sock = bound(client, 9000)
            for size in sizes:
                sock.sendto(text(size, turn + index), (SERVER, 7))
                receive(sock)
            sock.close()
        time.sleep(2.5 if turn == 0 else 0)
    sock = bound(CLIENTS[2], 9001)  # one side talks at a time, as nc does: lines out, a long text back
    for line in [b"hello\n", b"list\n", b"get 5000\n", b"get 20000\n", b"bye\n"]:
        sock.sendto(line, (SERVER, 7))
        receive(sock)
    # Two large datagrams at once from each side of a conversation, before anyone reads.
    for size in [3000, 20000]:
        sock.sendto(text(size, 5), (SERVER, 7))
    for _ in range(2):
        receive(sock)


def echo(request):
    if request.startswith(b"get "):
        return [text(int(request[4:]), 9)]
    return [request]


def offload_client():
    sock = bound(CLIENTS[0], 9100)
    for size in [1, 20, 180, 600, 1400]:
        sock.sendto(text(size, 1), (SERVER, 7))
        receive(sock)
    for segment, size in [(100, 1800), (1000, 8000)]:  # one send, many datagrams that the device is to cut
        sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, segment)
        sock.sendto(text(size, 3), (SERVER, 7))
        for _ in range(size // segment):
            receive(sock)


ROLES = {
    ("dns", "server"): lambda: serve(53, dns_answer),
    ("dns", "client"): dns_client,
    ("fragments", "server"): lambda: serve(7, echo),
    ("fragments", "client"): fragments_client,
    ("offload", "server"): lambda: serve(7, echo),
    ("offload", "client"): offload_client,
}

if __name__ == "__main__":
    role = ROLES.get(tuple(sys.argv[1:]))
    if role is None:
        sys.exit("usage: traffic.py dns|fragments|offload server|client")
    role()
