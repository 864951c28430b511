#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# A mail server or a web server for one message: prints its port, then what it was sent.
#
#   receiver.py smtp|http

import http.server
import socketserver
import sys


class Mail(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 test\r\n")
        for line in self.rfile:
            word = line.split()[0].upper() if line.split() else b""
            if word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            if word != b"DATA":
                self.wfile.write(b"250 fine\r\n")
                continue
            self.wfile.write(b"354 go on\r\n")
            for text in iter(self.rfile.readline, b".\r\n"):
                print(text.decode().rstrip("\r\n"), flush=True)
            self.wfile.write(b"250 taken\r\n")


class Web(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        print(body.decode(), flush=True)

    def log_message(self, *_):
        pass


with socketserver.TCPServer(("127.0.0.1", 0), Mail if sys.argv[1] == "smtp" else Web) as server:
    print(server.server_address[1], flush=True)
    server.handle_request()
