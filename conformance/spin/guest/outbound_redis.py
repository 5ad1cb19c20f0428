from spin_sdk.wit.imports.fermyon_spin_redis_2_0_0 import Connection, RedisParameter_Binary, RedisResult_Binary

from support import header


def run(request):
    address = header(request, "redis_address")
    if address is None:
        return 400, "missing header: REDIS_ADDRESS"
    connection = Connection.open(address)

    connection.set("spin-example-get-set", b"Eureka!")
    assert connection.get("spin-example-get-set") == b"Eureka!"

    connection.set("spin-example-incr", b"0")
    assert connection.incr("spin-example-incr") == 1
    assert connection.del_(["spin-example-get-set", "spin-example-incr"]) == 2

    key = RedisParameter_Binary(b"spin-example")
    connection.execute("set", [key, RedisParameter_Binary(b"Eureka!")])
    connection.execute("append", [key, RedisParameter_Binary(b" I've got it!")])
    assert connection.execute("get", [key]) == [RedisResult_Binary(b"Eureka! I've got it!")]
    return 200, ""
