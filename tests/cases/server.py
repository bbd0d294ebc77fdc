# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tests' http server: it answers in chunks without a length, and knows how to answer badly.

    /NAME             the file, in chunks
    /length/NAME      the file with its length
    /truncated/NAME   says the whole length, sends half, closes
    /broken/NAME      closes in the middle of the chunks
    /status/CODE      that status
    /redirect/NAME    302 to /NAME
    /slow/NAME        one byte a second
    /needs-header/NAME  403 unless the request has `X-Token: secret`
"""

import http.server
import pathlib
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        how, _, name = self.path.split("?")[0].lstrip("/").rpartition("/")
        if how == "status":
            self.answer_status(int(name))
        elif how == "needs-header" and self.headers.get("X-Token") != "secret":
            self.answer_status(403)
        elif how == "redirect":
            self.send_response(302)
            self.send_header("Location", "/" + name)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif not (self.folder / name).is_file():
            self.answer_status(404)
        else:
            self.answer_file(how, (self.folder / name).read_bytes())

    def answer_status(self, code):
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_file(self, how, data):
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        if how in ("length", "truncated", "slow"):
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.send_plain(how, data)
        else:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.send_chunks(data[:len(data) // 2] if how == "broken" else data, how != "broken")

    def send_plain(self, how, data):
        if how == "truncated":
            self.wfile.write(data[:len(data) // 2])
            self.close_connection = True
        elif how == "slow":
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(1)
        else:
            self.wfile.write(data)

    def send_chunks(self, data, complete):
        for start in range(0, len(data), 4096):
            piece = data[start:start + 4096]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if complete:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that goes away, as one killed in the middle does, is no news."""


def start(folder, port=8000):
    """Serves a folder on loopback in a thread of this process."""
    handler = type("FolderHandler", (Handler,), {"folder": pathlib.Path(folder)})
    server = QuietServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
