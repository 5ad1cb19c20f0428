"""Streams: counts the bytes of a request as they arrive, and answers with a body that is sent while it is made."""

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import monotonic_clock
from wit_world.imports.streams import OutputStream, StreamError_Closed
from wit_world.imports.types import (
    Fields,
    IncomingBody,
    IncomingRequest,
    OutgoingBody,
    OutgoingResponse,
    ResponseOutparam,
)


def count(body: IncomingBody) -> int:
    total = 0
    with body.stream() as stream:
        while True:
            try:
                total += len(stream.blocking_read(64 * 1024))
            except Err as error:
                if isinstance(error.value, StreamError_Closed):
                    return total
                raise


def count_down(stream: OutputStream):
    for number in range(5, 0, -1):
        stream.blocking_write_and_flush(f"{number}\n".encode())
        monotonic_clock.subscribe_duration(200_000_000).block()
    stream.blocking_write_and_flush(b"lift-off\n")


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam):
        response = OutgoingResponse(Fields.from_list([("content-type", b"text/plain")]))
        body = response.body()
        path = (request.path_with_query() or "/").partition("?")[0]
        if path not in ("/", "/count"):
            response.set_status_code(404)
        ResponseOutparam.set(response_out, Ok(response))
        with body.write() as stream:
            match path:
                case "/":
                    count_down(stream)
                case "/count":
                    stream.blocking_write_and_flush(f"{count(request.consume())} bytes\n".encode())
                case _:
                    stream.blocking_write_and_flush(b"Try / or /count\n")
        OutgoingBody.finish(body, None)
