"""`swirl up` and the servers that applications talk to, for as long as a `with` lasts."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import os
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Iterator

from .repositories import Unavailable


class Failure(Exception):
    """What is tested did not do what it should."""


class Response:
    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Application:
    """A running `swirl up`."""

    def __init__(self, process: subprocess.Popen, host: str, port: int, directory: Path, log: Path):
        self.process, self.host, self.port, self.directory, self.log = process, host, port, directory, log

    def request(
        self, path: str = "/", method: str = "GET", headers: list[tuple[str, str]] = (), body: bytes | None = None
    ) -> Response:
        """Sends the headers as they are; `Host` and `Content-Length` only come if they are not among them."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            names = {name.lower() for name, _ in headers}
            connection.putrequest(method, path, skip_host="host" in names, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            if body is not None and not names & {"content-length", "transfer-encoding"}:
                connection.putheader("content-length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Response(answer.status, answer.getheaders(), answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise Failure(f"{method} {path}: {error!r}\n{self.output()}") from None
        finally:
            connection.close()

    def output(self) -> str:
        """What `swirl up` has logged, the output of components included."""
        return self.log.read_text(errors="replace")

    def wait_for_output(self, text: str, seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while text not in self.output():
            if time.monotonic() > end:
                raise Failure(f"not in the output after {seconds} s: {text!r}\n{self.output()}")
            time.sleep(0.02)


@contextlib.contextmanager
def application(swirl: Path, directory: Path, *options: str, http_trigger: bool = True) -> Iterator[Application]:
    """Serves the application in `directory` on a free port. The first start compiles, which may take long."""
    log = directory / "swirl-up.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [str(swirl), "up", *(["--listen", "127.0.0.1:0", "--format", "json"] if http_trigger else []), *options],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if http_trigger else errors,
            stderr=errors,
        )
    try:
        if http_trigger:
            host, port = address(process, log)
        else:
            host, port = "", 0
        yield Application(process, host, port, directory, log)
        if process.poll() is not None:
            raise Failure(f"swirl up ended with {process.returncode}:\n{log.read_text(errors='replace')}")
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def address(process: subprocess.Popen, log: Path) -> tuple[str, int]:
    """From the line that `--format json` prints when the server listens."""
    line = process.stdout.readline()
    if not line:
        process.wait(timeout=20)
        raise Failure(f"swirl up ended with {process.returncode}:\n{log.read_text(errors='replace')}")
    host, _, port = json.loads(line)["base_url"].removeprefix("http://").rpartition(":")
    return host, int(port)


@contextlib.contextmanager
def redis(port: int | None = None) -> Iterator[int]:
    """A Redis server, and its port. One that listens on the port that is asked for already will do."""
    if port is not None and is_open(port):
        yield port
        return
    program = shutil.which("redis-server")
    if program is None:
        raise Unavailable("redis-server is not installed")
    port = port or free_port()
    with tempfile.TemporaryDirectory() as directory:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            end = time.monotonic() + 20
            while not is_open(port):
                if process.poll() is not None or time.monotonic() > end:
                    raise Failure(f"redis-server does not listen on {port}")
                time.sleep(0.02)
            yield port
        finally:
            process.terminate()
            process.wait()


def redis_command(port: int, *words: str) -> bytes:
    """Sends one command, gives back the raw reply (the first 64 KiB of it)."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        text = f"*{len(words)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
        connection.sendall(text.encode())
        return connection.recv(65536)


@contextlib.contextmanager
def http_server(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[int]:
    yield from threaded(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler))


@contextlib.contextmanager
def tcp_echo() -> Iterator[int]:
    class Echo(socketserver.BaseRequestHandler):
        def handle(self):
            while data := self.request.recv(65536):
                self.request.sendall(data)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    yield from threaded(Server(("127.0.0.1", 0), Echo))


def threaded(server: socketserver.BaseServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def find_swirl(argument: str | None) -> Path:
    """The command to test: the release build, unless said otherwise."""
    path = Path(argument) if argument else Path(__file__).resolve().parent.parent.parent / ".build/release/swirl"
    if not os.access(path, os.X_OK):
        raise Unavailable(f"there is no {path} (make build)")
    return path.absolute()
