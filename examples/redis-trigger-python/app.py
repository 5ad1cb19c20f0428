from spin_sdk import redis, variables
from spin_sdk.wit import exports


class InboundRedis(exports.InboundRedis):
    """Takes the messages of a channel, and keeps the last ones in a list."""

    def handle_message(self, message: bytes) -> None:
        text = message.decode(errors="replace")
        print(f"got {text}")
        if text == "bad":
            raise ValueError("this message is bad")
        with redis.open(variables.get("address")) as db:
            db.execute("RPUSH", [parameter(b"messages"), parameter(message)])
            db.execute("LTRIM", [parameter(b"messages"), parameter(-100), parameter(-1)])


def parameter(value):
    from spin_sdk.wit.imports.redis import RedisParameter_Binary, RedisParameter_Int64

    return RedisParameter_Int64(value) if isinstance(value, int) else RedisParameter_Binary(value)
