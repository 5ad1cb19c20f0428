import ipaddress

from spin_sdk.wit.imports.wasi_http_types_0_2_0 import Method_Get, Scheme_Http, Scheme_Https

ROUTE = "/base/:path_segment/:path_end"
EXPECTED = {
    "spin-raw-component-route": {ROUTE + "/..."},
    "spin-full-url": {f"{scheme}://example.com/base/path/end/rest?key=value" for scheme in ("http", "https")},
    "spin-path-info": {"/rest"},
    "spin-base-path": {"/"},
    "spin-component-route": {ROUTE},
    "spin-path-match-path-segment": {"path"},
    "spin-path-match-path-end": {"end"},
    "spin-matched-route": {ROUTE + "/..."},
}


def run(request):
    assert isinstance(request.method(), Method_Get), request.method()
    assert request.authority() == "example.com", request.authority()
    assert request.path_with_query() == "/base/path/end/rest?key=value", request.path_with_query()
    assert isinstance(request.scheme(), (Scheme_Http, Scheme_Https)), request.scheme()

    with request.headers() as fields:
        entries = [(name, value.decode()) for name, value in fields.entries() if name.lower().startswith("spin")]
    names = [name for name, _ in entries]
    assert len(names) == len(set(names)), f"some come twice: {names}"
    received = dict(entries)
    for name, values in EXPECTED.items():
        assert received.pop(name, None) in values, f"{name} is not one of {values}: {entries}"
    client = received.pop("spin-client-addr", None)
    if client is not None:
        address, _, port = client.rpartition(":")
        ipaddress.ip_address(address.strip("[]"))
        assert 0 < int(port) < 65536
    assert not received, f"unexpected: {received}"
    return 200, ""
