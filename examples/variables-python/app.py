import hmac

from spin_sdk import http, variables
from spin_sdk.http import Request, Response

TEXT = {"content-type": "text/plain; charset=utf-8"}


class IncomingHandler(http.IncomingHandler):
    """Greets who knows the password."""

    def handle_request(self, request: Request) -> Response:
        given = request.headers.get("x-password", "")
        if not hmac.compare_digest(given.encode(), variables.get("password").encode()):
            return Response(403, dict(TEXT), b"wrong password\n")
        return Response(200, dict(TEXT), (variables.get("greeting") + "\n").encode())
