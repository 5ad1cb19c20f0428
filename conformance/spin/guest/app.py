"""The guest of Spin's conformance tests, in one component: SPIN_CONFORMANCE_TEST names the one that it is.

What each asserts is what the guest of that name does in https://github.com/fermyon/conformance-tests, through the same
versions of the interfaces: WASI 0.2.0 and `fermyon:spin@2.0.0`. It answers 200 without a body, or 500 with the failed
assertion, or the error in the words that the tests expect.
"""

import os
import traceback

from componentize_py_types import Err, Ok
from spin_sdk.wit.exports import WasiHttpIncomingHandler020 as Handler
from spin_sdk.wit.imports.wasi_http_types_0_2_0 import (
    Fields,
    IncomingRequest,
    OutgoingBody,
    OutgoingResponse,
    ResponseOutparam,
)

import key_value
import outbound_http
import outbound_redis
import request_shape
import sqlite
import tcp_sockets
import variables

TESTS = {
    "key-value": key_value.run,
    "outbound-redis": outbound_redis.run,
    "request-shape": request_shape.run,
    "sqlite": sqlite.run,
    "tcp-sockets": tcp_sockets.run,
    "variables": variables.run,
}


class WasiHttpIncomingHandler020(Handler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        name = os.environ["SPIN_CONFORMANCE_TEST"]
        if name == "outbound-wasi-http-v0.2.0":
            outbound_http.handle(request, response_out)
            return
        try:
            status, text = TESTS[name](request)
        except Err as error:
            status, text = 500, in_words(error.value)
        except AssertionError:
            status, text = 500, traceback.format_exc()
        answer(response_out, status, text.encode())


def in_words(error) -> str:
    """`Error_AccessDenied()` is `Error::AccessDenied`; an enumeration's case is its name, as in `access-denied`."""
    if hasattr(error, "name"):
        return f"{error.name.lower().replace('_', '-')} (error {error.value})"
    text = type(error).__name__.replace("_", "::")
    return f'{text}("{error.value}")' if hasattr(error, "value") else text


def answer(response_out: ResponseOutparam, status: int, text: bytes) -> None:
    response = OutgoingResponse(Fields())
    response.set_status_code(status)
    if text:
        body = response.body()
        with body.write() as stream:
            stream.blocking_write_and_flush(text[:4096])
        OutgoingBody.finish(body, None)
    ResponseOutparam.set(response_out, Ok(response))
