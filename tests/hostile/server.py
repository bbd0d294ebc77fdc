#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An HTTP server that misbehaves on request: server.py DIR. Prints its port, and that of the same
server over TLS with a certificate that nobody has signed (0 without openssl); serves until stdin
ends. The first part of a path says how, the last names a file of DIR:

    /files/NAME       as it should be: length, ETag, ranges with If-Range
    /chunked/NAME     chunks, without a length
    /cut/NAME         announces all, ends in the middle, each time
    /cut-once/NAME    the same, but only the first time
    /cut-chunked/NAME chunks that end in the middle
    /no-range/NAME    cut the first time; ranges are not known
    /changed/NAME     cut the first time; then the file is another one
    /flaky/NAME       503 twice
    /encoded/NAME     with Content-Encoding: gzip
    /slow/NAME        a byte a second
    /status/N         that status, with a body that is none
    /to/URL           302 there
    /loop             302 to itself
    /headers/...      what the request said, as the body
"""
import hashlib
import http.server
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

seen = {}
lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *a):
        pass

    def count(self):
        with lock:
            seen[self.path] = seen.get(self.path, 0) + 1
            return seen[self.path]

    def send(self, status, body, headers=(), length=None, etag=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if etag:
            self.send_header("ETag", etag)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if length is not None and length != len(body):
            self.close_connection = True

    def send_ranged(self, body):
        etag = '"%s"' % hashlib.md5(body).hexdigest()
        wanted = self.headers.get("Range", "")
        condition = self.headers.get("If-Range", etag)
        if wanted.startswith("bytes=") and condition == etag:
            start = int(wanted[6:].split("-")[0])
            self.send(206, body[start:],
                      [("Content-Range", "bytes %d-%d/%d" % (start, len(body) - 1, len(body)))],
                      etag=etag)
        else:
            self.send(200, body, etag=etag)

    def send_chunked(self, body, whole=True):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for i in range(0, len(body), 1000):
            part = body[i:i + 1000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        if whole:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        how, _, rest = path[1:].partition("/")
        if how == "status":
            return self.send(int(rest), b"<html>this is no artifact</html>")
        if how == "to":
            target = urllib.parse.unquote(self.path[len("/to/"):])
            return self.send(302, b"elsewhere", [("Location", target)])
        if how == "loop":
            return self.send(302, b"", [("Location", "/loop")])
        if how == "headers":
            return self.send(200, json.dumps({k.lower(): v for k, v in self.headers.items()},
                                             sort_keys=True).encode())
        try:
            with open(os.path.join(sys.argv[1], os.path.basename(rest)), "rb") as f:
                body = f.read()
        except OSError:
            return self.send(404, b"not here")
        etag = '"%s"' % hashlib.md5(body).hexdigest()
        if how == "chunked":
            return self.send_chunked(body)
        if how == "cut":
            return self.send(200, body[:len(body) // 2], length=len(body))
        if how == "cut-chunked":
            return self.send_chunked(body[:len(body) // 2], whole=False)
        if how == "encoded":
            return self.send(200, body, [("Content-Encoding", "gzip")])
        if how == "slow":
            self.send(200, b"", length=len(body))
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(1)
            return None
        if how == "flaky" and self.count() <= 2:
            return self.send(503, b"later")
        if how in ("cut-once", "no-range", "changed") and self.count() == 1:
            return self.send(200, body[:len(body) // 2], length=len(body), etag=etag)
        if how == "no-range":
            return self.send(200, body, etag=etag)
        if how == "changed":
            return self.send(200, b"!" + body[1:], etag='"another"')
        return self.send_ranged(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *a):
        pass




def serve(context=None):
    server = Server(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def make_certificate():
    """A TLS context with a fresh self-signed certificate, or None."""
    with tempfile.TemporaryDirectory() as where:
        pem = os.path.join(where, "both.pem")
        try:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                            "-subj", "/CN=localhost", "-keyout", pem, "-out", pem + ".crt"],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem + ".crt", pem)
        return context


tls = make_certificate()
print(f"{serve()} {serve(tls) if tls else 0}", flush=True)
sys.stdin.read()
