from spin_sdk.wit.imports.fermyon_spin_sqlite_2_0_0 import Connection, Error_AccessDenied, Value_Text

from support import fails_with


def run(_request):
    fails_with(Error_AccessDenied, Connection.open, "forbidden")
    connection = Connection.open("default")
    connection.execute("CREATE TABLE IF NOT EXISTS test_data(key TEXT NOT NULL, value TEXT NOT NULL);", [])
    connection.execute("INSERT INTO test_data(key, value) VALUES('my_key', 'my_value');", [])
    result = connection.execute("SELECT * FROM test_data WHERE key = ?", [Value_Text("my_key")])
    assert result.columns == ["key", "value"], result.columns
    assert [row.values for row in result.rows] == [[Value_Text("my_key"), Value_Text("my_value")]], result.rows
    return 200, ""
