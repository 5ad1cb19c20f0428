from urllib.parse import parse_qs, urlsplit

from spin_sdk import http
from spin_sdk.http import Request, Response

TEXT = {"content-type": "text/plain; charset=utf-8"}

requests = 0


class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        global requests
        requests += 1
        url = urlsplit(request.uri)
        match url.path:
            case "/":
                name = parse_qs(url.query).get("name", ["world"])[0]
                return Response(200, dict(TEXT), f"Hello, {name}!\n".encode())
            case "/echo":
                kind = request.headers.get("content-type", "application/octet-stream")
                return Response(200, {"content-type": kind}, request.body)
            case "/headers":
                lines = (f"{name}: {value}\n" for name, value in sorted(request.headers.items()))
                return Response(200, dict(TEXT), "".join(lines).encode())
            case "/count":
                # An instance serves many requests, and is dropped when none came for a second: what it keeps is a cache.
                return Response(200, dict(TEXT), f"This instance has served {requests} requests\n".encode())
            case _:
                print(f"nothing at {url.path}")
                return Response(404, dict(TEXT), b"Try /, /echo, /headers or /count\n")
