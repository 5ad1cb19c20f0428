from spin_sdk import redis
from spin_sdk.wit import exports

ADDRESS = "redis://127.0.0.1:6379"


class InboundRedis(exports.InboundRedis):
    def handle_message(self, message: bytes) -> None:
        print(f"got {message.decode(errors='replace')}")
        with redis.open(ADDRESS) as db:
            db.incr("messages")
            db.set("last-message", message)
