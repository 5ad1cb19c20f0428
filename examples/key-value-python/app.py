from urllib.parse import unquote, urlsplit

from componentize_py_types import Err
from spin_sdk import http, key_value
from spin_sdk.http import Request, Response
from spin_sdk.util import collect

TEXT = {"content-type": "text/plain; charset=utf-8"}


class HttpHandler(http.Handler):
    """GET, PUT and DELETE a key by its path; GET / lists the keys."""

    async def handle_request(self, request: Request) -> Response:
        key = unquote(urlsplit(request.uri).path[1:])
        label = request.headers.get("x-store", "default")
        try:
            store = await key_value.open(label)
        except Err as error:
            return Response(403, dict(TEXT), f"{type(error.value).__name__}\n".encode())
        with store:
            match request.method:
                case "GET" if not key:
                    # The keys come as a stream, of which this takes all.
                    keys = await collect(await store.get_keys())
                    return Response(200, dict(TEXT), "".join(f"{key}\n" for key in sorted(keys)).encode())
                case "GET":
                    value = await store.get(key)
                    if value is None:
                        return Response(404, dict(TEXT), b"not found\n")
                    return Response(200, {"content-type": "application/octet-stream"}, value)
                case "PUT":
                    await store.set(key, request.body or b"")
                    return Response(204, {}, b"")
                case "DELETE":
                    await store.delete(key)
                    return Response(204, {}, b"")
                case "HEAD":
                    return Response(200 if await store.exists(key) else 404, {}, b"")
                case _:
                    return Response(405, {"allow": "GET, HEAD, PUT, DELETE"}, b"")
