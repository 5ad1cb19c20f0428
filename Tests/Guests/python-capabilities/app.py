"""Uses every capability through every version of its interface that the SDK has: answers `ok`, or what went wrong."""

import traceback
from urllib.parse import parse_qs, urlsplit

from spin_sdk import http, key_value, variables
from spin_sdk.http import Request, Response
from spin_sdk.wit.imports import atomics, batch, fermyon_spin_sqlite, spin_sqlite_sqlite
from spin_sdk.wit.imports import variables as spin_variables
from spin_sdk.wit.imports import wasi_config_store, wasi_keyvalue_store
from spin_sdk.wit.imports.key_value import Error_AccessDenied
from spin_sdk.wit.types import Err


def fails(kind, function, *arguments):
    try:
        function(*arguments)
    except Err as error:
        assert isinstance(error.value, kind), f"{type(error.value)} instead of {kind}"
        return error.value
    raise AssertionError(f"{function} did not fail")


def spin_key_value(query):
    with key_value.open_default() as store:
        for key in store.get_keys():
            store.delete(key)
        assert store.get("a") is None
        assert not store.exists("a")
        store.set("a", b"one")
        store.set("", bytes(range(256)))
        assert store.get("a") == b"one"
        assert store.get("") == bytes(range(256))
        assert sorted(store.get_keys()) == ["", "a"]
        store.delete("a")
        store.delete("a")
        assert store.get_keys() == [""]
        large = bytes(3_000_000)
        store.set("large", large)
        assert store.get("large") == large
        store.delete("large")
    fails(Error_AccessDenied, key_value.open, "forbidden")


def wasi_key_value(query):
    bucket = wasi_keyvalue_store.open("default")
    batch.delete_many(bucket, bucket.list_keys(None).keys)
    batch.set_many(bucket, [("a", b"1"), ("b", b"2")])
    assert batch.get_many(bucket, ["b", "c", "a"]) == [("b", b"2"), ("c", None), ("a", b"1")]
    found = bucket.list_keys(None)
    assert sorted(found.keys) == ["a", "b"] and found.cursor is None
    fails(wasi_keyvalue_store.Error_Other, bucket.list_keys, "cursor")
    assert bucket.exists("a")
    bucket.delete("a")
    assert bucket.get("a") is None
    assert atomics.increment(bucket, "n", 5) == 5
    assert atomics.increment(bucket, "n", -7) == -2
    fails(wasi_keyvalue_store.Error_Other, atomics.increment, bucket, "b", 1)
    cas = atomics.Cas.new(bucket, "b")
    assert cas.current() == b"2"
    atomics.swap(cas, b"3")
    cas = atomics.Cas.new(bucket, "b")
    bucket.set("b", b"somebody else's")
    again = fails(atomics.CasError_CasFailed, atomics.swap, cas, b"4").value
    assert again.current() == b"somebody else's"
    atomics.swap(again, b"5")
    assert bucket.get("b") == b"5"
    fails(wasi_keyvalue_store.Error_AccessDenied, wasi_keyvalue_store.open, "forbidden")


def count(query):
    """As many as are asked for, to see that none is lost."""
    bucket = wasi_keyvalue_store.open("default")
    return str(atomics.increment(bucket, "count", int(query["by"][0])))


def handles(query):
    """Ten thousand stores too many, then as many again; the same with databases."""
    stores = [key_value.open_default() for _ in range(256)]
    for _ in range(10_000):
        error = fails(object, key_value.open_default)
        assert type(error).__name__ == "Error_StoreTableFull"
    for store in stores:
        store.__exit__(None, None, None)
    for store in [key_value.open_default() for _ in range(256)]:
        store.__exit__(None, None, None)
    for _ in range(2):
        databases = [spin_sqlite_sqlite.Connection.open("default") for _ in range(255)]
        databases.append(fermyon_spin_sqlite.Connection.open("default"))
        for _ in range(5_000):
            error = fails(spin_sqlite_sqlite.Error_Io, spin_sqlite_sqlite.Connection.open, "default")
            assert error.value.startswith("too many connections are open"), error
        for database in databases:
            database.__exit__(None, None, None)


def sqlite(query):
    for module in (fermyon_spin_sqlite, spin_sqlite_sqlite):
        name = module.__name__.rsplit("_", 2)[-2]
        with module.Connection.open("default") as db:
            db.execute(f"DROP TABLE IF EXISTS {name}", [])
            db.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, a, b, c, d)", [])
            values = [module.Value_Integer(-(2**63)), module.Value_Real(0.1), module.Value_Text("ä"), module.Value_Blob(b"\0")]
            db.execute(f"INSERT INTO {name} (a, b, c, d) VALUES (?, ?, ?, ?), (NULL, NULL, NULL, NULL)", values)
            found = db.execute(f"SELECT a, b, c, d FROM {name} ORDER BY id", [])
            assert found.columns == ["a", "b", "c", "d"]
            assert found.rows[0].values == values
            assert found.rows[1].values == [module.Value_Null()] * 4
            error = fails(module.Error_Io, db.execute, "SELECT * FROM absent", [])
            assert error.value == "no such table: absent", error
            if module is spin_sqlite_sqlite:
                assert db.changes() == 2
                assert db.last_insert_rowid() == 2
        fails(module.Error_AccessDenied, module.Connection.open, "forbidden")


def rows(query):
    """A large result, its length and sum."""
    with spin_sqlite_sqlite.Connection.open("default") as db:
        found = db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " SELECT i, i * 0.5, 'text ' || i, NULL, x'00ff' FROM n",
            [spin_sqlite_sqlite.Value_Integer(int(query["count"][0]))],
        )
    return f"{len(found.rows)} {sum(row.values[0].value for row in found.rows)}"


def endless(query):
    with spin_sqlite_sqlite.Connection.open("default") as db:
        db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n", [])


def settings(query):
    assert variables.get("greeting") == "Hello, world!"
    fails(spin_variables.Error_Undefined, variables.get, "absent")
    fails(spin_variables.Error_InvalidName, variables.get, "Not-a-name")
    assert wasi_config_store.get("greeting") == "Hello, world!"
    assert wasi_config_store.get("absent") is None
    assert wasi_config_store.get("Not-a-name") is None
    assert wasi_config_store.get_all() == [("greeting", "Hello, world!"), ("token", "s3cret-value")]


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        url = urlsplit(request.uri)
        try:
            answer = globals()[url.path[1:].replace("-", "_")](parse_qs(url.query)) or "ok"
            return Response(200, {"content-type": "text/plain"}, answer.encode())
        except BaseException:
            return Response(500, {"content-type": "text/plain"}, traceback.format_exc().encode())
