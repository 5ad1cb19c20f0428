"""Bodies that flow, and requests at once: what WASI 0.3 adds to an application in Python."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import componentize_py_async_support
from componentize_py_types import Err, Ok
from spin_sdk import http, wit
from spin_sdk.http import Request as SimpleRequest
from spin_sdk.wit.imports import wasi_clocks_monotonic_clock_0_3_0 as clock
from spin_sdk.wit.imports.wasi_http_types_0_3_0 import Fields, Request, Response

PIECE = 64 * 1024


class HttpHandler(http.Handler):
    async def handle(self, request: Request) -> Response:
        url = urlsplit(request.get_path_with_query() or "/")
        query = parse_qs(url.query)
        match url.path:
            case "/clock":
                return respond(write_ticks(int(query.get("count", ["5"])[0])))
            case "/upper":
                source, _ = Request.consume_body(request, done())
                return respond(write_upper(source))
            case "/fetch":
                return respond(write_answers(query.get("url", [])))
            case _:
                return respond(write_text("Try /clock, /upper or /fetch?url=...&url=...\n"), 404)


async def write_ticks(count: int):
    for number in range(count):
        yield f"tick {number}\n".encode()
        await clock.wait_for(200_000_000)


async def write_upper(source):
    """The body of the request in capitals, piece by piece: its length does not matter."""
    with source:
        while not source.writer_dropped:
            yield (await source.read(PIECE)).upper()


async def write_answers(urls: list[str]):
    """Asks for all of them at the same time; the slowest decides how long it takes."""
    for line in await asyncio.gather(*map(fetch, urls)):
        yield line.encode()


async def fetch(url: str) -> str:
    try:
        answer = await http.send(SimpleRequest("GET", url, {}, None))
        return f"{url}: {answer.status}, {len(answer.body)} bytes\n"
    except Err as error:
        return f"{url}: {type(error.value).__name__}\n"


async def write_text(text: str):
    yield text.encode()


def respond(pieces, status: int = 200) -> Response:
    """A response whose body is written while it is on its way."""

    async def write(tx):
        with tx:
            async for piece in pieces:
                # The client may be gone: then nobody takes all of it.
                if await tx.write_all(piece) < len(piece):
                    return

    tx, rx = wit.byte_stream()
    componentize_py_async_support.spawn(write(tx))
    fields = Fields.from_list([("content-type", b"text/plain; charset=utf-8")])
    trailers = wit.result_option_wasi_http_types_0_3_0_fields_wasi_http_types_0_3_0_error_code_future(lambda: Ok(None))
    response = Response.new(fields, rx, trailers[1])[0]
    response.set_status_code(status)
    return response


def done():
    return wit.result_unit_wasi_http_types_0_3_0_error_code_future(lambda: Ok(None))[1]
