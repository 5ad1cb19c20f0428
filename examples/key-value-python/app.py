from urllib.parse import unquote, urlsplit

from spin_sdk import http, key_value
from spin_sdk.http import Request, Response
from spin_sdk.wit.types import Err

TEXT = {"content-type": "text/plain; charset=utf-8"}


class IncomingHandler(http.IncomingHandler):
    """GET, PUT and DELETE a key by its path; GET / lists the keys."""

    def handle_request(self, request: Request) -> Response:
        key = unquote(urlsplit(request.uri).path[1:])
        label = request.headers.get("x-store", "default")
        try:
            store = key_value.open(label)
        except Err as error:
            return Response(403, dict(TEXT), f"{type(error.value).__name__}\n".encode())
        with store:
            match request.method:
                case "GET" if not key:
                    lines = (f"{key}\n" for key in sorted(store.get_keys()))
                    return Response(200, dict(TEXT), "".join(lines).encode())
                case "GET":
                    value = store.get(key)
                    if value is None:
                        return Response(404, dict(TEXT), b"not found\n")
                    return Response(200, {"content-type": "application/octet-stream"}, value)
                case "PUT":
                    store.set(key, request.body or b"")
                    return Response(204, {}, b"")
                case "DELETE":
                    store.delete(key)
                    return Response(204, {}, b"")
                case "HEAD":
                    return Response(200 if store.exists(key) else 404, {}, b"")
                case _:
                    return Response(405, {"allow": "GET, HEAD, PUT, DELETE"}, b"")
