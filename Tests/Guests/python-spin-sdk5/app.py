"""Test guest: a Spin application as a user of Spin's Python SDK 5 writes it, on WASI 0.3.

One route for each thing that the tests look at; `ROUTES` and `STREAMS` list them. Built by `scripts/build-guests` with
`componentize-py -w spin:up/http-trigger@4.1.0 componentize app -o app.wasm`.
"""

import asyncio
import hashlib
import json
import os
import sys
import time
from urllib.parse import parse_qs, urlsplit

import componentize_py_async_support
from componentize_py_types import Err, Ok
from spin_sdk import http, wit
from spin_sdk.http import Request, Response
from spin_sdk.wit.imports import wasi_clocks_monotonic_clock_0_3_0 as monotonic
from spin_sdk.wit.imports import wasi_http_client_0_3_0 as client
from spin_sdk.wit.imports.wasi_http_types_0_3_0 import Fields, RequestOptions, Scheme_Http
from spin_sdk.wit.imports.wasi_http_types_0_3_0 import Request as WasiRequest
from spin_sdk.wit.imports.wasi_http_types_0_3_0 import Response as WasiResponse

TEXT = {"content-type": "text/plain; charset=utf-8"}
PIECE = 64 * 1024

requests = 0
running = 0


def text(body: str, status: int = 200, headers: dict | None = None) -> Response:
    return Response(status, {**TEXT, **(headers or {})}, body.encode())


async def hello(request: Request, query: dict) -> Response:
    return text("Hello from Spin's Python SDK 5")


async def inspect(request: Request, query: dict) -> Response:
    """Everything that the guest sees of a request, as JSON."""
    seen = {
        "method": request.method,
        "uri": request.uri,
        "query": query,
        "headers": dict(sorted(request.headers.items())),
        "length": len(request.body or b""),
    }
    return Response(200, {"content-type": "application/json"}, json.dumps(seen).encode())


async def echo(request: Request, query: dict) -> Response:
    kind = request.headers.get("content-type", "application/octet-stream")
    return Response(200, {"content-type": kind}, request.body)


async def digest(request: Request, query: dict) -> Response:
    body = request.body or b""
    return text(f"{len(body)} {hashlib.sha256(body).hexdigest()}\n")


async def large(request: Request, query: dict) -> Response:
    """?size=BYTES of a pattern that a reader can check without keeping the whole body."""
    size = int(query.get("size", ["1048576"])[0])
    pattern = bytes(range(256))
    return Response(200, {"content-type": "application/octet-stream"}, (pattern * (size // 256 + 1))[:size])


async def slow(request: Request, query: dict) -> Response:
    """Waits ?ms=MILLISECONDS for the host's clock; tells how many requests of this instance were under way."""
    global running
    running += 1
    most = running
    await monotonic.wait_for(int(query.get("ms", ["200"])[0]) * 1_000_000)
    most = max(most, running)
    running -= 1
    return text(f"{most}\n")


async def count(request: Request, query: dict) -> Response:
    """How many requests this instance has answered: what reuse means for global state."""
    return text(f"{requests}\n")


async def spin(request: Request, query: dict) -> Response:
    """Computes for ever: the host has to stop it."""
    while True:
        pass


async def fail(request: Request, query: dict) -> Response:
    raise ValueError("this handler fails on purpose")


async def exit_now(request: Request, query: dict) -> Response:
    os._exit(3)


async def stdout(request: Request, query: dict) -> Response:
    for line in query.get("line", ["a line on stdout"]):
        print(line)
    sys.stdout.flush()
    return text("printed\n")


async def environment(request: Request, query: dict) -> Response:
    return Response(200, {"content-type": "application/json"}, json.dumps(dict(os.environ)).encode())


async def status(request: Request, query: dict) -> Response:
    return text("", int(query.get("code", ["204"])[0]), {"x-status": "as asked"})


async def read_file(request: Request, query: dict) -> Response:
    """Reads ?path=FILE from the files that the manifest gives to the component."""
    try:
        with open(query["path"][0], "rb") as file:
            return Response(200, {"content-type": "application/octet-stream"}, file.read())
    except OSError as error:
        return text(f"{type(error).__name__}: {error}\n", 404)


async def clock(request: Request, query: dict) -> Response:
    return text(f"{time.time()} {time.monotonic()}\n")


async def random_bytes(request: Request, query: dict) -> Response:
    return text(f"{os.urandom(16).hex()}\n")


async def fetch(request: Request, query: dict) -> Response:
    """Asks for every ?url=URL at once; a line for each answer, in their order."""

    async def one(url: str) -> str:
        try:
            answer = await http.send(Request(request.method, url, {}, request.body))
            return f"{answer.status} {len(answer.body)} {hashlib.sha256(answer.body).hexdigest()}\n"
        except Err as error:
            return f"{type(error.value).__name__}\n"

    return text("".join(await asyncio.gather(*map(one, query["url"]))))


async def patience(request: Request, query: dict) -> Response:
    """Asks ?url=URL, one after the other, and waits ?ms=MILLISECONDS for each piece; a line for what came."""

    async def one(url: str) -> str:
        options = RequestOptions()
        options.set_first_byte_timeout(int(query["ms"][0]) * 1_000_000)
        options.set_between_bytes_timeout(int(query["ms"][0]) * 1_000_000)
        outgoing, _ = WasiRequest.new(Fields(), None, trailers_future(), options)
        parts = urlsplit(url)
        outgoing.set_scheme(Scheme_Http())
        outgoing.set_authority(parts.netloc)
        outgoing.set_path_with_query(parts.path)
        try:
            answer = await client.send(outgoing)
        except Err as error:
            return f"{type(error.value).__name__}\n"
        status = answer.get_status_code()
        source, end = WasiResponse.consume_body(answer, unit_future())
        body = bytearray()
        with source:
            while not source.writer_dropped:
                body += await source.read(PIECE)
        result = await end.read()
        outcome = type(result.value).__name__ if isinstance(result, Err) else "whole"
        return f"{status} {body.decode()} {outcome}\n"

    return text("".join([await one(url) for url in query["url"]]))


ROUTES = {
    "/": hello,
    "/inspect": inspect,
    "/echo": echo,
    "/digest": digest,
    "/large": large,
    "/slow": slow,
    "/count": count,
    "/spin": spin,
    "/fail": fail,
    "/exit": exit_now,
    "/stdout": stdout,
    "/environment": environment,
    "/status": status,
    "/read": read_file,
    "/clock": clock,
    "/random": random_bytes,
    "/fetch": fetch,
    "/patience": patience,
}


def trailers_future(trailers: dict | None = None):
    def value():
        return Ok(Fields.from_list([(n, v.encode()) for n, v in trailers.items()]) if trailers else None)

    return wit.result_option_wasi_http_types_0_3_0_fields_wasi_http_types_0_3_0_error_code_future(value)[1]


def unit_future():
    return wit.result_unit_wasi_http_types_0_3_0_error_code_future(lambda: Ok(None))[1]


def respond(body, trailers: dict | None = None) -> WasiResponse:
    fields = Fields.from_list([("content-type", b"text/plain")])
    return WasiResponse.new(fields, body, trailers_future(trailers))[0]


def lines(request: WasiRequest, query: dict) -> WasiResponse:
    """?count=N lines, one every ?ms=MILLISECONDS."""

    async def write(tx):
        with tx:
            for number in range(int(query.get("count", ["5"])[0])):
                if await tx.write_all(f"{number}\n".encode()) == 0:
                    return
                await monotonic.wait_for(int(query.get("ms", ["20"])[0]) * 1_000_000)

    tx, rx = wit.byte_stream()
    componentize_py_async_support.spawn(write(tx))
    return respond(rx)


def pipe(request: WasiRequest, query: dict) -> WasiResponse:
    """The body of the request, read and written piece by piece."""

    async def copy(source, tx):
        with source, tx:
            while not source.writer_dropped:
                piece = await source.read(PIECE)
                if piece and await tx.write_all(piece) < len(piece):
                    return

    source, _ = WasiRequest.consume_body(request, unit_future())
    tx, rx = wit.byte_stream()
    componentize_py_async_support.spawn(copy(source, tx))
    return respond(rx)


def through(request: WasiRequest, query: dict) -> WasiResponse:
    """The body of the request, handed on without a look at it; its trailers too."""
    source, trailers = WasiRequest.consume_body(request, unit_future())
    return WasiResponse.new(Fields(), source, trailers)[0]


def trailing(request: WasiRequest, query: dict) -> WasiResponse:
    async def write(tx):
        with tx:
            await tx.write_all(b"body\n")

    tx, rx = wit.byte_stream()
    componentize_py_async_support.spawn(write(tx))
    return respond(rx, {"x-checksum": "12345"})


def fail_late(request: WasiRequest, query: dict) -> WasiResponse:
    async def write(tx):
        with tx:
            await tx.write_all(b"beginning\n")
            await monotonic.wait_for(50_000_000)
            raise ValueError("this handler fails after the head was sent")

    tx, rx = wit.byte_stream()
    componentize_py_async_support.spawn(write(tx))
    return respond(rx)


STREAMS = {
    "/lines": lines,
    "/pipe": pipe,
    "/through": through,
    "/trailers": trailing,
    "/fail-late": fail_late,
}


class HttpHandler(http.Handler):
    async def handle(self, request: WasiRequest) -> WasiResponse:
        global requests
        requests += 1
        url = urlsplit(request.get_path_with_query() or "/")
        if stream := STREAMS.get(url.path):
            return stream(request, parse_qs(url.query))
        return await super().handle(request)

    async def handle_request(self, request: Request) -> Response:
        url = urlsplit(request.uri)
        route = ROUTES.get(url.path)
        if route is None:
            return text("not found\n", 404)
        return await route(request, parse_qs(url.query))
