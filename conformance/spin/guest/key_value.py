from spin_sdk.wit.imports.fermyon_spin_key_value_2_0_0 import Error_AccessDenied, Store

from support import fails_with


def run(_request):
    fails_with(Error_AccessDenied, Store.open, "forbidden")
    store = Store.open("default")

    def holds(key: str, value: bytes | None, keys: list[str]):
        assert store.exists(key) == (value is not None)
        assert store.get(key) == value
        assert sorted(store.get_keys()) == keys

    store.delete("bar")
    holds("bar", None, [])
    store.set("bar", b"baz")
    holds("bar", b"baz", ["bar"])
    store.set("bar", b"wow")
    holds("bar", b"wow", ["bar"])
    store.set("qux", b"yay")
    holds("qux", b"yay", ["bar", "qux"])
    store.delete("bar")
    store.delete("bar")
    store.delete("qux")
    holds("bar", None, [])
    holds("qux", None, [])
    return 200, ""
