from urllib.parse import parse_qs, urlsplit

from componentize_py_types import Err
from spin_sdk import http
from spin_sdk.http import Request, Response

TEXT = {"content-type": "text/plain; charset=utf-8"}


class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        url = urlsplit(request.uri)
        query = parse_qs(url.query)
        match url.path:
            case "/fetch":
                return await forward(request, query["url"][0])
            case "/chain":
                # Another component of this application; the request never leaves the process.
                return await forward(request, "http://greeter.spin.internal/greet?from=chain")
            case "/self":
                # This application, by whatever address it is served at.
                return await forward(request, "/greet?from=self")
            case "/greet":
                seen = "".join(f"{name}: {value}\n" for name, value in sorted(request.headers.items()))
                body = f"{request.method} {request.uri}\n{seen}".encode() + (request.body or b"")
                return Response(200, dict(TEXT), body)
            case "/loop":
                return await forward(request, "http://greeter.spin.internal/loop")
            case _:
                return Response(404, dict(TEXT), b"Try /fetch?url=..., /chain or /self\n")


async def forward(request: Request, url: str) -> Response:
    """Sends the method and the body of the request to another place."""
    try:
        answer = await http.send(Request(request.method, url, {"x-forwarded-by": "swirl"}, request.body))
        return Response(answer.status, dict(TEXT), answer.body)
    except Err as error:
        return Response(502, dict(TEXT), f"{type(error.value).__name__}\n".encode())
