"""HTTP over TCP for record.sh: `transfer.py CLIENT SERVER server|client [small]`, CLIENT and SERVER two addresses.

A server and a client of Python's own library on ordinary sockets, so every header is the Linux stack's own. Sizes,
ports and contents are the same each time. `small` asks for less, once.
"""
import http.client
import http.server
import socket
import socketserver
import struct
import sys
import threading

PORT, CLOSED_PORT = 80, 81


def text(size, seed):
    return bytes(10 if i % 64 == 63 else 97 + (seed + 7 * i + (i >> 8)) % 26 for i in range(size))


class Handler(http.server.BaseHTTPRequestHandler):
    """GET /SIZE gives as many bytes, POST says how many came."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "captures", ""

    def do_GET(self):
        self.answer(text(int(self.path[1:]), 7))

    def do_POST(self):
        left = int(self.headers["Content-Length"])
        while left > 0:
            left -= len(self.rfile.read(min(left, 8192)))
        self.answer(f"{self.headers['Content-Length']} bytes\n".encode())

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve(address):
    class Server(socketserver.ThreadingTCPServer):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        allow_reuse_address, daemon_threads = True, True

        def handle_error(self, *_):
            pass  # a client that resets is part of the recording

    Server((address, PORT), Handler).serve_forever()


def connect(client, port, server):
    """An HTTP connection from a port of its own, the same each time."""
    return http.client.HTTPConnection(server, PORT, timeout=20, source_address=(client, port))


def ask(connection, method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    return len(connection.getresponse().read())


def plain(client, port, server, server_port=PORT):
    return socket.create_connection((server, server_port), timeout=20, source_address=(client, port))


def many_at_once(client, server):
    """A kept connection with three requests beside one that the server closes."""

    def beside():
        ask(connect(client, 40002, server), "GET", "/40000", headers={"Connection": "close"})

    other = threading.Thread(target=beside)
    other.start()
    kept = connect(client, 40001, server)
    for method, path, body in [("GET", "/100", None), ("GET", "/130000", None), ("POST", "/", text(30000, 3))]:
        ask(kept, method, path, body)
    kept.close()
    other.join()


def half_closed(client, server):
    """The client says that it will send no more, and is answered even so."""
    with plain(client, 40003, server) as sock:
        sock.sendall(b"GET /20000 HTTP/1.1\r\nConnection: close\r\n\r\n")
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass


def reset(client, server):
    """The client gives up in the middle."""
    sock = plain(client, 40004, server)
    sock.sendall(b"GET /20000 HTTP/1.1\r\n\r\n")
    sock.recv(1000)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def refused(client, server):
    """Nobody listens there."""
    try:
        plain(client, 40005, server, CLOSED_PORT)
    except ConnectionRefusedError:
        pass


if __name__ == "__main__":
    client, server, role, size = (sys.argv[1:] + ["large"])[:4]
    if role == "server":
        serve(server)
    elif size == "small":
        kept = connect(client, 40006, server)
        for method, path, body in [("GET", "/100", None), ("GET", "/40000", None), ("POST", "/", text(10000, 3))]:
            ask(kept, method, path, body)
        kept.close()
    else:
        for talk in [many_at_once, half_closed, reset, refused]:
            talk(client, server)
