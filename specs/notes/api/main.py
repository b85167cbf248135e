"""Serves notes: GET /notes lists them, POST /notes keeps one. Tables are made by migrate.py."""

import json
import logging
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

DATABASE_URL = os.environ["DATABASE_URL"]
logging.basicConfig(level=os.environ.get("LOG_LEVEL", "info").upper())


class Notes(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._answer(200, {"status": "ok"})
        elif self.path == "/notes":
            with psycopg.connect(DATABASE_URL) as connection:
                rows = connection.execute("SELECT text FROM note ORDER BY id DESC LIMIT 50").fetchall()
            self._answer(200, [text for (text,) in rows])
        else:
            self._answer(404, {"error": "no such page"})

    def do_POST(self) -> None:
        text = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 10_000)).decode()
        with psycopg.connect(DATABASE_URL) as connection:
            connection.execute("INSERT INTO note (text) VALUES (%s)", (text,))
        self._answer(201, {"kept": text})

    def _answer(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8000"))
    ThreadingHTTPServer(("0.0.0.0", port), Notes).serve_forever()  # noqa: S104  of its pod alone
