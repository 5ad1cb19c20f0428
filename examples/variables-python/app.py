import hmac

from spin_sdk import http, variables
from spin_sdk.http import Request, Response

TEXT = {"content-type": "text/plain; charset=utf-8"}


class HttpHandler(http.Handler):
    """Greets who knows the password."""

    async def handle_request(self, request: Request) -> Response:
        given, wanted = request.headers.get("x-password", ""), await variables.get("password")
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            return Response(403, dict(TEXT), b"wrong password\n")
        greeting = await variables.get("greeting")
        return Response(200, dict(TEXT), f"{greeting}\n".encode())
