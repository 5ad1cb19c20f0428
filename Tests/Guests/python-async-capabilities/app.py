"""Uses the asynchronous capabilities as the SDK has them: answers `ok`, or what went wrong."""

import asyncio
import traceback
from urllib.parse import parse_qs, urlsplit

from componentize_py_types import Err
from spin_sdk import http, key_value, sqlite, variables
from spin_sdk.http import Request, Response
from spin_sdk.sqlite import Connection, Value_Integer, Value_Text
from spin_sdk.util import collect


async def fails(awaitable):
    try:
        await awaitable
    except Err as error:
        return type(error.value).__name__
    raise AssertionError("it did not fail")


async def store(query):
    with await key_value.open_default() as store:
        for key in await collect(await store.get_keys()):
            await store.delete(key)
        assert await store.get("a") is None
        # Several at a time.
        keys = [f"key-{number}" for number in range(100)]
        await asyncio.gather(*(store.set(key, key.encode()) for key in keys))
        values = await asyncio.gather(*(store.get(key) for key in keys))
        assert values == [key.encode() for key in keys], values
        assert sorted(await collect(await store.get_keys())) == sorted(keys)
        assert await store.exists("key-7")
        await store.delete("key-7")
        assert not await store.exists("key-7")
        large = bytes(3_000_000)
        await store.set("large", large)
        assert await store.get("large") == large
    assert await fails(key_value.open("forbidden")) == "Error_AccessDenied"


async def run(db, statement, parameters=[]):
    columns, stream, result = await db.execute(statement, parameters)
    return columns, await collect((stream, result))


async def database(query):
    with await Connection.open_default() as db:
        await run(db, "DROP TABLE IF EXISTS t")
        await run(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b)")
        await run(db, "INSERT INTO t (b) VALUES (?), (?)", [Value_Text("x"), Value_Text("y")])
        assert await db.changes() == 2
        assert await db.last_insert_rowid() == 2
        columns, rows = await run(db, "SELECT a, b FROM t WHERE a > ?", [Value_Integer(0)])
        assert columns == ["a", "b"]
        assert [row.values[1].value for row in rows] == ["x", "y"]
        _, rows = await run(
            db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i, 'text' FROM n")
        assert sum(row.values[0].value for row in rows) == 12502500
        assert await fails(db.execute("SELECT * FROM absent", [])) == "Error_Io"
        # Rows that nobody reads.
        _, stream, result = await db.execute("SELECT 1 UNION SELECT 2", [])
    assert await fails(Connection.open("forbidden")) == "Error_AccessDenied"


async def settings(query):
    assert await variables.get("greeting") == "Hello, world!"
    assert await fails(variables.get("absent")) == "Error_Undefined"
    assert await fails(variables.get("Not-a-name")) == "Error_InvalidName"


class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        url = urlsplit(request.uri)
        try:
            answer = await globals()[url.path[1:]](parse_qs(url.query)) or "ok"
            return Response(200, {"content-type": "text/plain"}, answer.encode())
        except BaseException:
            return Response(500, {"content-type": "text/plain"}, traceback.format_exc().encode())
