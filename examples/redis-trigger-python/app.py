from spin_sdk import redis, variables
from spin_sdk.wit import exports
from spin_sdk.wit.imports.spin_redis_redis_3_0_0 import RedisParameter_Binary, RedisParameter_Int64


class RedisHandler(exports.RedisHandler):
    """Takes the messages of a channel, and keeps the last hundred in a list."""

    async def handle_message(self, message: bytes) -> None:
        text = message.decode(errors="replace")
        print(f"got {text}")
        if text == "bad":
            raise ValueError("this message is bad")
        messages = RedisParameter_Binary(b"messages")
        with await redis.open(await variables.get("address")) as db:
            await db.execute("RPUSH", [messages, RedisParameter_Binary(message)])
            await db.execute("LTRIM", [messages, RedisParameter_Int64(-100), RedisParameter_Int64(-1)])
