"""The datagrams that record.sh records: `traffic.py SCENARIO server|client`, SCENARIO one of dns, fragments, offload,
udplite, or `traffic.py unreachable ADDRESS...`.

Only the socket interface of the host is used, so every header is the Linux stack's own. Sizes, ports and contents are
the same each time.
"""
import socket
import struct
import sys
import threading
import time

SERVER = "10.0.0.53"
CLIENTS = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
SERVER_IPV6, CLIENT_IPV6 = "fd00::53", "fd00::1"
UDP_SEGMENT = 103
IP_MTU_DISCOVER, IP_PMTUDISC_DONT, IP_PMTUDISC_DO = 10, 0, 2
IPV6_MTU_DISCOVER = 23
IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV, UDPLITE_RECV_CSCOV = 136, 10, 11


def bound(address, port, protocol=0, discover=IP_PMTUDISC_DONT):
    ipv6 = ":" in address
    sock = socket.socket(socket.AF_INET6 if ipv6 else socket.AF_INET, socket.SOCK_DGRAM, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    if ipv6:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, discover)
    else:
        sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, discover)
    sock.settimeout(0.3)
    sock.bind((address, port))
    return sock


def receive(sock):
    try:
        return sock.recvfrom(65535)
    except TimeoutError:
        return None, None


def serve(port, answer, address=SERVER, protocol=0):
    """Answers each request until the recording ends; `answer` gives the datagrams to send back."""
    sock = bound(address, port, protocol)
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


UDPLITE_PORT = 7


def udplite_server():
    other = threading.Thread(target=serve, args=(UDPLITE_PORT, echo, SERVER_IPV6, IPPROTO_UDPLITE), daemon=True)
    other.start()
    serve(UDPLITE_PORT, echo, SERVER, IPPROTO_UDPLITE)


def udplite_client():
    """Checksums over all, over the header only, and over a part; whole and in fragments."""
    for client, server in [(CLIENTS[0], SERVER), (CLIENT_IPV6, SERVER_IPV6)]:
        for port, covered in [(9200, 0), (9201, 8), (9202, 100)]:
            sock = bound(client, port, IPPROTO_UDPLITE)
            sock.setsockopt(IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV, covered)
            for size in [0, 50, 1000, 3000]:
                sock.sendto(text(size, covered), (server, UDPLITE_PORT))
                receive(sock)
            sock.close()


def attempt(sock, size, address):
    """What comes back is an error, and a socket tells it at the next call, or never."""
    for step in [lambda: sock.sendto(text(size, 2), address), lambda: receive(sock)]:
        try:
            step()
        except OSError:
            pass


def unreachable(server, no_host, no_network, forbidden):
    client = "::" if ":" in server else "0.0.0.0"
    narrow = bound(client, 9301, 0, IP_PMTUDISC_DO)
    for size in [1300, 1440, 1300]:  # the second is too long for a link on the way, and may not be fragmented
        attempt(narrow, size, (server, 7))
    sock = bound(client, 9300)
    for size in [0, 100, 1300, 3000]:  # nobody listens
        attempt(sock, size, (server, 7))
    for address in [no_network, forbidden]:
        for size in [100, 1300]:
            attempt(sock, size, (address, 7))
    for _ in range(2):
        attempt(sock, 100, (no_host, 7))
    time.sleep(4)  # so long does a router ask for a host
    for address in [server, forbidden, no_network]:
        with socket.socket(sock.family, socket.SOCK_STREAM) as tcp:
            tcp.settimeout(1)
            tcp.bind((client, 9302))
            try:
                tcp.connect((address, 80))
            except OSError:
                pass


ROLES = {
    ("dns", "server"): lambda: serve(53, dns_answer),
    ("dns", "client"): dns_client,
    ("fragments", "server"): lambda: serve(7, echo),
    ("fragments", "client"): fragments_client,
    ("offload", "server"): lambda: serve(7, echo),
    ("offload", "client"): offload_client,
    ("udplite", "server"): udplite_server,
    ("udplite", "client"): udplite_client,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["unreachable"]:
        sys.exit(unreachable(*sys.argv[2:]))
    role = ROLES.get(tuple(sys.argv[1:]))
    if role is None:
        sys.exit("usage: traffic.py dns|fragments|offload|udplite server|client, or traffic.py unreachable ADDRESS...")
    role()
