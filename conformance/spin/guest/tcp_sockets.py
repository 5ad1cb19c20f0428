import ipaddress

from componentize_py_types import Err
from spin_sdk.wit.imports import wasi_io_poll_0_2_0 as poll
from spin_sdk.wit.imports.wasi_sockets_instance_network_0_2_0 import instance_network
from spin_sdk.wit.imports.wasi_sockets_network_0_2_0 import (
    ErrorCode,
    IpAddressFamily,
    IpSocketAddress_Ipv4,
    IpSocketAddress_Ipv6,
    Ipv4SocketAddress,
    Ipv6SocketAddress,
)
from spin_sdk.wit.imports.wasi_sockets_tcp_create_socket_0_2_0 import create_tcp_socket

from support import header

MESSAGE = b"So rested he by the Tumtum tree"


def socket_address(text: str):
    host, _, port = text.rpartition(":")
    ip = ipaddress.ip_address(host.strip("[]"))
    if ip.version == 4:
        return IpSocketAddress_Ipv4(Ipv4SocketAddress(int(port), tuple(ip.packed)))
    segments = tuple(int.from_bytes(ip.packed[n : n + 2]) for n in range(0, 16, 2))
    return IpSocketAddress_Ipv6(Ipv6SocketAddress(int(port), 0, segments, 0))


def run(request):
    address = header(request, "address")
    if address is None:
        return 400, "Bad Request"
    socket = create_tcp_socket(IpAddressFamily.IPV4)
    socket.start_connect(instance_network(), socket_address(address))
    while True:
        try:
            received, sent = socket.finish_connect()
            break
        except Err as error:
            if error.value != ErrorCode.WOULD_BLOCK:
                raise
            with socket.subscribe() as connected:
                poll.poll([connected])

    with received, sent:
        sent.blocking_write_and_flush(MESSAGE)
        echo = b""
        while len(echo) < len(MESSAGE):
            echo += received.blocking_read(len(MESSAGE) - len(echo))
        assert echo == MESSAGE, echo
    return 200, ""
