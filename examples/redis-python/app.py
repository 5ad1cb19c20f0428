from urllib.parse import parse_qs, urlsplit

from componentize_py_types import Err
from spin_sdk import http, redis, variables
from spin_sdk.http import Request, Response
from spin_sdk.wit.imports.spin_redis_redis_3_0_0 import (
    RedisParameter_Binary,
    RedisResult_Binary,
    RedisResult_Int64,
    RedisResult_Nil,
)


def text(body: str, status: int = 200) -> Response:
    return Response(status, {"content-type": "text/plain; charset=utf-8"}, body.encode())


def show(result) -> str:
    match result:
        case RedisResult_Nil():
            return "nil"
        case RedisResult_Int64(value):
            return str(value)
        case RedisResult_Binary(value):
            return value.decode(errors="replace")
        case _:
            return result.value


class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        url = urlsplit(request.uri)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        try:
            with await redis.open(query.get("address") or await variables.get("address")) as db:
                return await self.answer(db, request, url.path, query)
        except Err as error:
            return text(f"{error.value!r}\n", 500)

    async def answer(self, db, request: Request, path: str, query: dict) -> Response:
        key = path.rpartition("/")[2]
        match request.method, path.partition("/")[2].partition("/")[0]:
            case "POST", "count":
                return text(f"{await db.incr(key)}\n")
            case "GET", "keys":
                value = await db.get(key)
                return text("", 404) if value is None else Response(200, {}, value)
            case "PUT", "keys":
                await db.set(key, request.body)
                return text("", 204)
            case "DELETE", "keys":
                return text(f"{await db.del_([key])}\n")
            case "POST", "sets":
                return text(f"{await db.sadd(key, request.body.decode().split())}\n")
            case "DELETE", "sets":
                return text(f"{await db.srem(key, request.body.decode().split())}\n")
            case "GET", "sets":
                return text(" ".join(sorted(await db.smembers(key))) + "\n")
            case "POST", "publish":
                await db.publish(key, request.body)
                return text("", 204)
            case "POST", "execute":
                # One command, its words parted by spaces.
                command, *words = request.body.decode().split()
                results = await db.execute(command, [RedisParameter_Binary(word.encode()) for word in words])
                return text("".join(f"{show(result)}\n" for result in results))
            case _:
                return text("Try /count/NAME, /keys/NAME, /sets/NAME, /publish/CHANNEL or /execute\n", 404)
