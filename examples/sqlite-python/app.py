import json
from urllib.parse import urlsplit

from spin_sdk import http
from spin_sdk.http import Request, Response

# What `spin_sdk.sqlite` wraps; in this version of the SDK the wrapper itself cannot be imported.
from spin_sdk.wit.imports.spin_sqlite_sqlite import Connection, Value_Integer, Value_Text

JSON = {"content-type": "application/json"}
SCHEMA = "CREATE TABLE IF NOT EXISTS todos (id INTEGER PRIMARY KEY, text TEXT NOT NULL, done INTEGER NOT NULL)"


class IncomingHandler(http.IncomingHandler):
    """POST /todos adds the body, GET /todos lists, POST /todos/<id> marks as done, DELETE /todos removes what is done."""

    def handle_request(self, request: Request) -> Response:
        match request.method, urlsplit(request.uri).path.strip("/").split("/"):
            case "GET", ["todos"]:
                with self.open() as db:
                    found = db.execute("SELECT id, text, done FROM todos ORDER BY id", [])
                todos = [dict(zip(found.columns, (value.value for value in row.values))) for row in found.rows]
                return self.answer(todos)
            case "POST", ["todos"]:
                with self.open() as db:
                    text = Value_Text((request.body or b"").decode())
                    found = db.execute("INSERT INTO todos (text, done) VALUES (?, 0) RETURNING id", [text])
                return self.answer({"id": found.rows[0].values[0].value})
            case "POST", ["todos", number] if number.isdigit():
                with self.open() as db:
                    db.execute("UPDATE todos SET done = 1 WHERE id = ?", [Value_Integer(int(number))])
                return self.answer({"id": int(number)})
            case "DELETE", ["todos"]:
                with self.open() as db:
                    db.execute("DELETE FROM todos WHERE done", [])
                return self.answer({})
            case _:
                return Response(404, {}, b"")

    def open(self):
        db = Connection.open("default")
        db.execute(SCHEMA, [])
        return db

    def answer(self, value) -> Response:
        return Response(200, dict(JSON), json.dumps(value).encode() + b"\n")
