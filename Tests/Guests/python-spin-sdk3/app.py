"""Test guest: a Spin application as a user of Spin's Python SDK 3 writes it.

One route for each thing that the tests look at; `ROUTES` lists them. Built by `scripts/build-guests` with
`componentize-py -w spin-http componentize app -o app.wasm`.
"""

import hashlib
import json
import os
import random
import sys
import time
from urllib.parse import parse_qs, urlsplit

from spin_sdk import http
from spin_sdk.http import Request, Response

TEXT = {"content-type": "text/plain; charset=utf-8"}


def text(body: str, status: int = 200, headers: dict | None = None) -> Response:
    return Response(status, {**TEXT, **(headers or {})}, body.encode())


def hello(request: Request, query: dict) -> Response:
    return text("Hello from Spin's Python SDK")


def inspect(request: Request, query: dict) -> Response:
    """Everything that the guest sees of a request, as JSON."""
    seen = {
        "method": request.method,
        "uri": request.uri,
        "query": query,
        "headers": dict(sorted(request.headers.items())),
        "length": len(request.body or b""),
    }
    return Response(200, {"content-type": "application/json"}, json.dumps(seen).encode())


def echo(request: Request, query: dict) -> Response:
    kind = request.headers.get("content-type", "application/octet-stream")
    return Response(200, {"content-type": kind}, request.body)


def digest(request: Request, query: dict) -> Response:
    body = request.body or b""
    return text(f"{len(body)} {hashlib.sha256(body).hexdigest()}\n")


def large(request: Request, query: dict) -> Response:
    """?size=BYTES of a pattern that a reader can check without keeping the whole body."""
    size = int(query.get("size", ["1048576"])[0])
    pattern = bytes(range(256))
    return Response(200, {"content-type": "application/octet-stream"}, (pattern * (size // 256 + 1))[:size])


def slow(request: Request, query: dict) -> Response:
    """Sleeps ?ms=MILLISECONDS in the guest, then answers."""
    time.sleep(int(query.get("ms", ["200"])[0]) / 1000)
    return text("done\n")


def spin(request: Request, query: dict) -> Response:
    """Computes for ever: the host has to stop it."""
    while True:
        pass


def fail(request: Request, query: dict) -> Response:
    raise ValueError("this handler fails on purpose")


def stdout(request: Request, query: dict) -> Response:
    for line in query.get("line", ["a line on stdout"]):
        print(line)
    sys.stdout.flush()
    return text("printed\n")


def stderr(request: Request, query: dict) -> Response:
    for line in query.get("line", ["a line on stderr"]):
        print(line, file=sys.stderr)
    sys.stderr.flush()
    return text("printed\n")


def environment(request: Request, query: dict) -> Response:
    return Response(200, {"content-type": "application/json"}, json.dumps(dict(os.environ)).encode())


def status(request: Request, query: dict) -> Response:
    return text("", int(query.get("code", ["204"])[0]), {"x-status": "as asked"})


def read_file(request: Request, query: dict) -> Response:
    """Reads ?path=FILE from the files that the manifest gives to the component."""
    try:
        with open(query["path"][0], "rb") as file:
            return Response(200, {"content-type": "application/octet-stream"}, file.read())
    except OSError as error:
        return text(f"{type(error).__name__}: {error}\n", 404)


def write_file(request: Request, query: dict) -> Response:
    try:
        with open(query["path"][0], "wb") as file:
            file.write(request.body or b"")
        return text("written\n")
    except OSError as error:
        return text(f"{type(error).__name__}: {error}\n", 403)


def list_files(request: Request, query: dict) -> Response:
    try:
        return text("\n".join(sorted(os.listdir(query.get("path", ["/"])[0]))) + "\n")
    except OSError as error:
        return text(f"{type(error).__name__}: {error}\n", 404)


def clock(request: Request, query: dict) -> Response:
    return text(f"{time.time()} {time.monotonic()}\n")


def random_bytes(request: Request, query: dict) -> Response:
    return text(f"{os.urandom(16).hex()} {random.SystemRandom().random()}\n")


ROUTES = {
    "/": hello,
    "/hello": hello,
    "/inspect": inspect,
    "/echo": echo,
    "/digest": digest,
    "/large": large,
    "/slow": slow,
    "/spin": spin,
    "/fail": fail,
    "/stdout": stdout,
    "/stderr": stderr,
    "/environment": environment,
    "/status": status,
    "/read": read_file,
    "/write": write_file,
    "/list": list_files,
    "/clock": clock,
    "/random": random_bytes,
}


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        parts = urlsplit(request.uri)
        route = ROUTES.get(parts.path)
        if route is None:
            return text(f"nothing at {parts.path}\n", 404)
        return route(request, parse_qs(parts.query))
