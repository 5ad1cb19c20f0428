import json
from urllib.parse import urlsplit

from spin_sdk import http
from spin_sdk.http import Request, Response
from spin_sdk.sqlite import Connection, Value_Integer, Value_Text
from spin_sdk.util import collect

JSON = {"content-type": "application/json"}
SCHEMA = "CREATE TABLE IF NOT EXISTS todos (id INTEGER PRIMARY KEY, text TEXT NOT NULL, done INTEGER NOT NULL)"


class HttpHandler(http.Handler):
    """POST /todos adds the body, GET /todos lists, POST /todos/<id> marks as done, DELETE /todos removes what is done."""

    async def handle_request(self, request: Request) -> Response:
        match request.method, urlsplit(request.uri).path.strip("/").split("/"):
            case "GET", ["todos"]:
                return answer(await execute("SELECT id, text, done FROM todos ORDER BY id"))
            case "POST", ["todos"]:
                text = Value_Text((request.body or b"").decode())
                added = await execute("INSERT INTO todos (text, done) VALUES (?, 0) RETURNING id", text)
                return answer(added[0])
            case "POST", ["todos", number] if number.isdigit():
                await execute("UPDATE todos SET done = 1 WHERE id = ?", Value_Integer(int(number)))
                return answer({"id": int(number)})
            case "DELETE", ["todos"]:
                await execute("DELETE FROM todos WHERE done")
                return answer({})
            case _:
                return Response(404, {}, b"")


async def execute(statement: str, *parameters) -> list[dict]:
    """The rows of a statement, by the names of their columns."""
    with await Connection.open_default() as db:
        for text, values in ((SCHEMA, []), (statement, list(parameters))):
            # The rows come as a stream, and with its end whether all went well.
            columns, rows, outcome = await db.execute(text, values)
            found = await collect((rows, outcome))
    return [dict(zip(columns, (value.value for value in row.values))) for row in found]


def answer(value) -> Response:
    return Response(200, dict(JSON), json.dumps(value).encode() + b"\n")
