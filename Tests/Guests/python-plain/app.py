"""Test guest: a component that uses plain WASI 0.2 and no SDK, with streams in both directions.

Built by `scripts/build-guests` with `componentize-py -d …/plain-python/wit -w http-app componentize app -o plain.wasm`.
"""

import hashlib
import json
import sys

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import monotonic_clock, random, wall_clock
from wit_world.imports.streams import StreamError_Closed
from wit_world.imports.types import (
    Fields,
    IncomingBody,
    IncomingRequest,
    Method_Other,
    OutgoingBody,
    OutgoingResponse,
    ResponseOutparam,
)

CHUNK = 64 * 1024
# The most that `blocking-write-and-flush` takes in one call.
WRITE = 4096


def chunks(body: IncomingBody):
    """The request body as it arrives."""
    with body.stream() as stream:
        while True:
            try:
                yield stream.blocking_read(CHUNK)
            except Err as error:
                if isinstance(error.value, StreamError_Closed):
                    break
                raise
    IncomingBody.finish(body)


class Reply:
    """A response that is sent while it is being made."""

    def __init__(self, out: ResponseOutparam, status: int = 200, headers: dict | None = None):
        fields = Fields.from_list([(name, value.encode()) for name, value in (headers or {}).items()])
        response = OutgoingResponse(fields)
        response.set_status_code(status)
        self.body = response.body()
        ResponseOutparam.set(out, Ok(response))
        self.stream = self.body.write()

    def write(self, data: bytes):
        for start in range(0, len(data), WRITE):
            self.stream.blocking_write_and_flush(data[start : start + WRITE])

    def finish(self, trailers: dict | None = None):
        self.stream.__exit__(None, None, None)
        fields = None
        if trailers is not None:
            fields = Fields.from_list([(name, value.encode()) for name, value in trailers.items()])
        OutgoingBody.finish(self.body, fields)


def text(out: ResponseOutparam, body: str, status: int = 200):
    reply = Reply(out, status, {"content-type": "text/plain", "content-length": str(len(body.encode()))})
    reply.write(body.encode())
    reply.finish()


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam):
        path, _, query = (request.path_with_query() or "/").partition("?")
        match path:
            case "/" | "/hello":
                text(response_out, "Hello from plain WASI")
            case "/inspect":
                method = request.method()
                seen = {
                    "method": method.value if isinstance(method, Method_Other) else type(method).__name__[7:].upper(),
                    "path": path,
                    "query": query,
                    "scheme": type(request.scheme()).__name__,
                    "authority": request.authority(),
                    "headers": [[name, value.decode("latin-1")] for name, value in request.headers().entries()],
                }
                text(response_out, json.dumps(seen))
            case "/echo":
                reply = Reply(response_out, headers={"content-type": "application/octet-stream"})
                for chunk in chunks(request.consume()):
                    reply.write(chunk)
                reply.finish()
            case "/digest":
                digest, length = hashlib.sha256(), 0
                for chunk in chunks(request.consume()):
                    digest.update(chunk)
                    length += len(chunk)
                text(response_out, f"{length} {digest.hexdigest()}\n")
            case "/slow":
                reply = Reply(response_out)
                for number in range(5):
                    reply.write(f"{number}\n".encode())
                    monotonic_clock.subscribe_duration(50_000_000).block()
                reply.finish()
            case "/trailers":
                reply = Reply(response_out)
                reply.write(b"body\n")
                reply.finish({"x-checksum": "12345"})
            case "/large":
                reply = Reply(response_out, headers={"content-length": str(int(query or "1048576"))})
                rest = int(query or "1048576")
                while rest > 0:
                    size = min(rest, CHUNK)
                    reply.write(bytes(size))
                    rest -= size
                reply.finish()
            case "/fail":
                raise ValueError("this handler fails on purpose")
            case "/fail-late":
                reply = Reply(response_out)
                reply.write(b"the beginning of a body that never ends")
                raise ValueError("this handler fails after the head was sent")
            case "/stdout":
                print("a line on stdout")
                sys.stdout.flush()
                text(response_out, "printed\n")
            case "/stderr":
                print("a line on stderr", file=sys.stderr)
                sys.stderr.flush()
                text(response_out, "printed\n")
            case "/clock":
                now = wall_clock.now()
                text(response_out, f"{now.seconds}.{now.nanoseconds:09} {monotonic_clock.now()}\n")
            case "/random":
                text(response_out, f"{random.get_random_bytes(16).hex()} {random.get_random_u64()}\n")
            case _:
                text(response_out, f"nothing at {path}\n", 404)
