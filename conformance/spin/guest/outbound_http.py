from urllib.parse import urlsplit

from componentize_py_types import Err, Ok
from spin_sdk.wit.imports import wasi_http_outgoing_handler_0_2_0 as outgoing_handler
from spin_sdk.wit.imports.wasi_http_types_0_2_0 import (
    Fields,
    Method_Post,
    OutgoingBody,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
    Scheme_Http,
    Scheme_Https,
    Scheme_Other,
)
from spin_sdk.wit.imports.wasi_io_streams_0_2_0 import StreamError_Closed

from support import header

BODY = b"Hello, world!"


def handle(request, response_out) -> None:
    """Posts to the URL of the request's `url`, and streams the answer on."""
    import app

    text = header(request, "url")
    if text is None:
        app.answer(response_out, 400, b"missing header: url")
        return
    try:
        answered = send(text)
    except Err as error:
        app.answer(response_out, 500, f"outgoing-handler/handle: {error_code(error.value)}".encode())
        return
    while (got := answered.get()) is None:
        with answered.subscribe() as ready:
            ready.block()
    if isinstance(got, Err):
        raise got
    if isinstance(got.value, Err):
        app.answer(response_out, 500, f"incoming-response#get: {error_code(got.value.value)}".encode())
        return
    forward(got.value.value, response_out)


def error_code(error) -> str:
    """As Rust's bindings print it: `ErrorCode::HttpRequestDenied`."""
    name = type(error).__name__.replace("_", "::")
    return f"{name}({error.value})" if hasattr(error, "value") else name


def send(text: str):
    url = urlsplit(text)
    request = OutgoingRequest(Fields.from_list([("Content-Length", str(len(BODY)).encode())]))
    request.set_method(Method_Post())
    request.set_path_with_query(url.path or "/")
    request.set_scheme({"http": Scheme_Http(), "https": Scheme_Https()}.get(url.scheme, Scheme_Other(url.scheme)))
    request.set_authority(url.netloc)
    body = request.body()
    with body.write() as stream:
        stream.blocking_write_and_flush(BODY)
    OutgoingBody.finish(body, None)
    return outgoing_handler.handle(request, None)


def forward(incoming, response_out) -> None:
    with incoming.headers() as fields:
        response = OutgoingResponse(fields.clone())
    response.set_status_code(incoming.status())
    body = response.body()
    with incoming.consume() as incoming_body, incoming_body.stream() as source, body.write() as sink:
        ResponseOutparam.set(response_out, Ok(response))
        while True:
            try:
                sink.blocking_write_and_flush(source.blocking_read(1024))
            except Err as error:
                if isinstance(error.value, StreamError_Closed):
                    break
                raise
    OutgoingBody.finish(body, None)
