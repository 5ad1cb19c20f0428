from spin_sdk import redis, variables
from spin_sdk.wit import exports
from spin_sdk.wit.imports.redis import RedisParameter_Binary, RedisParameter_Int64


class InboundRedis(exports.InboundRedis):
    """Takes the messages of a channel, and keeps the last hundred in a list."""

    def handle_message(self, message: bytes) -> None:
        text = message.decode(errors="replace")
        print(f"got {text}")
        if text == "bad":
            raise ValueError("this message is bad")
        messages = RedisParameter_Binary(b"messages")
        with redis.open(variables.get("address")) as db:
            db.execute("RPUSH", [messages, RedisParameter_Binary(message)])
            db.execute("LTRIM", [messages, RedisParameter_Int64(-100), RedisParameter_Int64(-1)])
