from urllib.parse import parse_qs, urlsplit

from spin_sdk import http
from spin_sdk.http import Request, Response
from spin_sdk.wit.types import Err

TEXT = {"content-type": "text/plain; charset=utf-8"}


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        url = urlsplit(request.uri)
        query = parse_qs(url.query)
        match url.path:
            case "/fetch":
                return forward(request, query["url"][0])
            case "/chain":
                # Another component of this application; the request never leaves the process.
                return forward(request, "http://greeter.spin.internal/greet?from=chain")
            case "/self":
                # This application, by whatever address it is served at.
                return forward(request, "/greet?from=self")
            case "/greet":
                seen = "".join(f"{name}: {value}\n" for name, value in sorted(request.headers.items()))
                body = f"{request.method} {request.uri}\n{seen}".encode() + (request.body or b"")
                return Response(200, dict(TEXT), body)
            case "/loop":
                return forward(request, "http://greeter.spin.internal/loop")
            case _:
                return Response(404, dict(TEXT), b"Try /fetch?url=..., /chain or /self\n")


def forward(request: Request, url: str) -> Response:
    """Sends the method and the body of the request to another place."""
    try:
        answer = http.send(Request(request.method, url, {"x-forwarded-by": "swirl"}, request.body))
        return Response(answer.status, dict(TEXT), answer.body)
    except Err as error:
        return Response(502, dict(TEXT), f"{type(error.value).__name__}\n".encode())
