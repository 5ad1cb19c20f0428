#!/usr/bin/env python3
"""Makes the component in `NAME.wat` out of each core module in `src/NAME.wat`.

A guest of the tests is written as one core module that names its imports as the component tools do: the interface with
its version as module, the function as name, "[resource-drop]R" to drop a handle. This script reads those imports and
writes the component around the module: the imported interfaces with just the types and functions that are used, a
module that owns the memory, the lowered functions, and the lifted exports. So a guest stays as short as what it does,
and the component text needs no tool but Wasmtime's assembler.

    generate.py            writes the components
    generate.py --check    says which ones are not current, and fails

Guests of WASI 0.3 are made by `src/concurrent/component.wat.in`, from what is in `src/concurrent/NAME.wat`, as
`concurrent-NAME.wat`.

Conventions of `src/*.wat`:
  - `(import "env" "memory" (memory 1))` is the memory; `(import "env" "heap" (global $heap (mut i32)))` is the end of
    what the allocator gave out, from 65536 on: set it back to free everything.
  - `;; include respond.wat` inserts `src/include/respond.wat`.
  - An export "wasi:http/incoming-handler@0.2.0#handle" is lifted as that interface; `;; export NAME: (param …)` above
    an exported function gives the component type of any other.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESOURCE = "(sub resource)"

# Of all versions.
SQLITE_TYPES = {
    "error": '(variant (case "no-such-database") (case "access-denied") (case "invalid-connection")'
    ' (case "database-full") (case "io" string))',
    "value": '(variant (case "integer" s64) (case "real" f64) (case "text" string) (case "blob" (list u8))'
    ' (case "null"))',
    "row-result": '(record (field "values" (list $value)))',
    "query-result": '(record (field "columns" (list string)) (field "rows" (list $row-result)))',
}

# For each interface: the types that it defines (name -> definition, with $name for others), those that it uses from
# elsewhere (name -> interface), and its functions. Only what a guest needs is written out.
INTERFACES = {
    "wasi:io/error": {"types": {"error": RESOURCE}},
    "wasi:io/poll": {
        "types": {"pollable": RESOURCE},
        "functions": {
            "[method]pollable.ready": '(param "self" (borrow $pollable)) (result bool)',
            "[method]pollable.block": '(param "self" (borrow $pollable))',
            "poll": '(param "in" (list (borrow $pollable))) (result (list u32))',
        },
    },
    "wasi:io/streams": {
        "uses": {"error": "wasi:io/error", "pollable": "wasi:io/poll"},
        "types": {
            "stream-error": '(variant (case "last-operation-failed" (own $error)) (case "closed"))',
            "input-stream": RESOURCE,
            "output-stream": RESOURCE,
        },
        "functions": {
            "[method]input-stream.read": '(param "self" (borrow $input-stream)) (param "len" u64)'
            " (result (result (list u8) (error $stream-error)))",
            "[method]input-stream.blocking-read": '(param "self" (borrow $input-stream)) (param "len" u64)'
            " (result (result (list u8) (error $stream-error)))",
            "[method]input-stream.subscribe": '(param "self" (borrow $input-stream)) (result (own $pollable))',
            "[method]output-stream.check-write": '(param "self" (borrow $output-stream))'
            " (result (result u64 (error $stream-error)))",
            "[method]output-stream.write": '(param "self" (borrow $output-stream)) (param "contents" (list u8))'
            " (result (result (error $stream-error)))",
            "[method]output-stream.blocking-write-and-flush": '(param "self" (borrow $output-stream))'
            ' (param "contents" (list u8)) (result (result (error $stream-error)))',
            "[method]output-stream.blocking-flush": '(param "self" (borrow $output-stream))'
            " (result (result (error $stream-error)))",
            "[method]output-stream.subscribe": '(param "self" (borrow $output-stream)) (result (own $pollable))',
        },
    },
    "wasi:cli/stdout": {
        "uses": {"output-stream": "wasi:io/streams"},
        "functions": {"get-stdout": "(result (own $output-stream))"},
    },
    "wasi:cli/stderr": {
        "uses": {"output-stream": "wasi:io/streams"},
        "functions": {"get-stderr": "(result (own $output-stream))"},
    },
    "fermyon:spin/key-value": {
        "types": {
            "error": '(variant (case "store-table-full") (case "no-such-store") (case "access-denied")'
            ' (case "invalid-store") (case "no-such-key") (case "io" string))',
        },
        "functions": {
            "open": '(param "name" string) (result (result u32 (error $error)))',
            "get": '(param "store" u32) (param "key" string) (result (result (list u8) (error $error)))',
            "set": '(param "store" u32) (param "key" string) (param "value" (list u8)) (result (result (error $error)))',
            "delete": '(param "store" u32) (param "key" string) (result (result (error $error)))',
            "exists": '(param "store" u32) (param "key" string) (result (result bool (error $error)))',
            "get-keys": '(param "store" u32) (result (result (list string) (error $error)))',
            "close": '(param "store" u32)',
        },
    },
    "fermyon:spin/sqlite": {
        "types": SQLITE_TYPES,
        "functions": {
            "open": '(param "database" string) (result (result u32 (error $error)))',
            "execute": '(param "conn" u32) (param "statement" string) (param "parameters" (list $value))'
            " (result (result $query-result (error $error)))",
            "close": '(param "conn" u32)',
        },
    },
    "spin:sqlite/sqlite": {
        "types": {**SQLITE_TYPES, "connection": RESOURCE},
        "functions": {
            "[static]connection.open": '(param "database" string) (result (result (own $connection) (error $error)))',
            "[method]connection.execute": '(param "self" (borrow $connection)) (param "statement" string)'
            ' (param "parameters" (list $value)) (result (result $query-result (error $error)))',
        },
    },
    "fermyon:spin/config": {
        "types": {
            "error": '(variant (case "provider" string) (case "invalid-key" string) (case "invalid-schema" string)'
            ' (case "other" string))',
        },
        "functions": {"get-config": '(param "key" string) (result (result string (error $error)))'},
    },
    "wasi:cli/environment": {
        "functions": {"get-environment": "(result (list (tuple string string)))"},
    },
    "wasi:clocks/monotonic-clock": {
        "uses": {"pollable": "wasi:io/poll"},
        "types": {"instant": "u64", "duration": "u64"},
        "functions": {
            "now": "(result $instant)",
            "subscribe-duration": '(param "when" $duration) (result (own $pollable))',
        },
    },
    "wasi:random/random": {
        "functions": {"get-random-bytes": '(param "len" u64) (result (list u8))'},
    },
    "wasi:http/types": {
        "uses": {
            "input-stream": "wasi:io/streams",
            "output-stream": "wasi:io/streams",
            "pollable": "wasi:io/poll",
        },
        "types": {
            "method": '(variant (case "get") (case "head") (case "post") (case "put") (case "delete")'
            ' (case "connect") (case "options") (case "trace") (case "patch") (case "other" string))',
            "DNS-error-payload": '(record (field "rcode" (option string)) (field "info-code" (option u16)))',
            "TLS-alert-received-payload": '(record (field "alert-id" (option u8))'
            ' (field "alert-message" (option string)))',
            "field-size-payload": '(record (field "field-name" (option string)) (field "field-size" (option u32)))',
            "error-code": "(variant"
            ' (case "DNS-timeout") (case "DNS-error" $DNS-error-payload) (case "destination-not-found")'
            ' (case "destination-unavailable") (case "destination-IP-prohibited")'
            ' (case "destination-IP-unroutable") (case "connection-refused") (case "connection-terminated")'
            ' (case "connection-timeout") (case "connection-read-timeout") (case "connection-write-timeout")'
            ' (case "connection-limit-reached") (case "TLS-protocol-error") (case "TLS-certificate-error")'
            ' (case "TLS-alert-received" $TLS-alert-received-payload) (case "HTTP-request-denied")'
            ' (case "HTTP-request-length-required") (case "HTTP-request-body-size" (option u64))'
            ' (case "HTTP-request-method-invalid") (case "HTTP-request-URI-invalid")'
            ' (case "HTTP-request-URI-too-long") (case "HTTP-request-header-section-size" (option u32))'
            ' (case "HTTP-request-header-size" (option $field-size-payload))'
            ' (case "HTTP-request-trailer-section-size" (option u32))'
            ' (case "HTTP-request-trailer-size" $field-size-payload) (case "HTTP-response-incomplete")'
            ' (case "HTTP-response-header-section-size" (option u32))'
            ' (case "HTTP-response-header-size" $field-size-payload)'
            ' (case "HTTP-response-body-size" (option u64))'
            ' (case "HTTP-response-trailer-section-size" (option u32))'
            ' (case "HTTP-response-trailer-size" $field-size-payload)'
            ' (case "HTTP-response-transfer-coding" (option string))'
            ' (case "HTTP-response-content-coding" (option string)) (case "HTTP-response-timeout")'
            ' (case "HTTP-upgrade-failed") (case "HTTP-protocol-error") (case "loop-detected")'
            ' (case "configuration-error") (case "internal-error" (option string)))',
            "scheme": '(variant (case "HTTP") (case "HTTPS") (case "other" string))',
            "header-error": '(variant (case "invalid-syntax") (case "forbidden") (case "immutable"))',
            "fields": RESOURCE,
            "incoming-request": RESOURCE,
            "outgoing-request": RESOURCE,
            "request-options": RESOURCE,
            "incoming-response": RESOURCE,
            "future-incoming-response": RESOURCE,
            "incoming-body": RESOURCE,
            "future-trailers": RESOURCE,
            "outgoing-response": RESOURCE,
            "outgoing-body": RESOURCE,
            "response-outparam": RESOURCE,
        },
        "functions": {
            "[constructor]fields": "(result (own $fields))",
            "[method]fields.has": '(param "self" (borrow $fields)) (param "name" string) (result bool)',
            "[method]fields.append": '(param "self" (borrow $fields)) (param "name" string)'
            ' (param "value" (list u8)) (result (result (error $header-error)))',
            "[method]fields.entries": '(param "self" (borrow $fields)) (result (list (tuple string (list u8))))',
            "[method]incoming-request.method": '(param "self" (borrow $incoming-request)) (result $method)',
            "[method]incoming-request.path-with-query": '(param "self" (borrow $incoming-request))'
            " (result (option string))",
            "[method]incoming-request.headers": '(param "self" (borrow $incoming-request)) (result (own $fields))',
            "[method]incoming-request.consume": '(param "self" (borrow $incoming-request))'
            " (result (result (own $incoming-body)))",
            "[constructor]outgoing-request": '(param "headers" (own $fields)) (result (own $outgoing-request))',
            "[method]outgoing-request.set-path-with-query": '(param "self" (borrow $outgoing-request))'
            ' (param "path-with-query" (option string)) (result (result))',
            "[method]outgoing-request.set-scheme": '(param "self" (borrow $outgoing-request))'
            ' (param "scheme" (option $scheme)) (result (result))',
            "[method]outgoing-request.set-authority": '(param "self" (borrow $outgoing-request))'
            ' (param "authority" (option string)) (result (result))',
            "[constructor]request-options": "(result (own $request-options))",
            "[method]request-options.set-first-byte-timeout": '(param "self" (borrow $request-options))'
            ' (param "duration" (option u64)) (result (result))',
            "[method]request-options.set-between-bytes-timeout": '(param "self" (borrow $request-options))'
            ' (param "duration" (option u64)) (result (result))',
            "[method]future-incoming-response.subscribe": '(param "self" (borrow $future-incoming-response))'
            " (result (own $pollable))",
            "[method]future-incoming-response.get": '(param "self" (borrow $future-incoming-response))'
            " (result (option (result (result (own $incoming-response) (error $error-code)))))",
            "[method]incoming-response.status": '(param "self" (borrow $incoming-response)) (result u16)',
            "[method]incoming-response.consume": '(param "self" (borrow $incoming-response))'
            " (result (result (own $incoming-body)))",
            "[method]incoming-body.stream": '(param "self" (borrow $incoming-body))'
            " (result (result (own $input-stream)))",
            "[static]incoming-body.finish": '(param "this" (own $incoming-body)) (result (own $future-trailers))',
            "[constructor]outgoing-response": '(param "headers" (own $fields)) (result (own $outgoing-response))',
            "[method]outgoing-response.set-status-code": '(param "self" (borrow $outgoing-response))'
            ' (param "status-code" u16) (result (result))',
            "[method]outgoing-response.body": '(param "self" (borrow $outgoing-response))'
            " (result (result (own $outgoing-body)))",
            "[method]outgoing-body.write": '(param "self" (borrow $outgoing-body))'
            " (result (result (own $output-stream)))",
            "[static]outgoing-body.finish": '(param "this" (own $outgoing-body))'
            ' (param "trailers" (option (own $fields))) (result (result (error $error-code)))',
            "[static]response-outparam.set": '(param "param" (own $response-outparam))'
            ' (param "response" (result (own $outgoing-response) (error $error-code)))',
        },
    },
    "wasi:http/outgoing-handler": {
        "uses": {
            "outgoing-request": "wasi:http/types",
            "request-options": "wasi:http/types",
            "future-incoming-response": "wasi:http/types",
            "error-code": "wasi:http/types",
        },
        "functions": {
            "handle": '(param "request" (own $outgoing-request)) (param "options" (option (own $request-options)))'
            " (result (result (own $future-incoming-response) (error $error-code)))",
        },
    },
    "fermyon:spin/redis": {
        "types": {
            "error": '(variant (case "invalid-address") (case "too-many-connections") (case "type-error")'
            ' (case "other" string))',
            "redis-parameter": '(variant (case "int64" s64) (case "binary" (list u8)))',
            "redis-result": '(variant (case "nil") (case "status" string) (case "int64" s64)'
            ' (case "binary" (list u8)))',
            "connection": RESOURCE,
        },
        "functions": {
            "[static]connection.open": '(param "address" string) (result (result (own $connection) (error $error)))',
            "[method]connection.get": '(param "self" (borrow $connection)) (param "key" string)'
            " (result (result (option (list u8)) (error $error)))",
            "[method]connection.set": '(param "self" (borrow $connection)) (param "key" string)'
            ' (param "value" (list u8)) (result (result (error $error)))',
            "[method]connection.execute": '(param "self" (borrow $connection)) (param "command" string)'
            ' (param "arguments" (list $redis-parameter)) (result (result (list $redis-result) (error $error)))',
        },
    },
    "fermyon:spin/http": {
        "types": {
            "method": '(enum "get" "post" "put" "delete" "patch" "head" "options")',
            "request": '(record (field "method" $method) (field "uri" string)'
            ' (field "headers" (list (tuple string string))) (field "params" (list (tuple string string)))'
            ' (field "body" (option (list u8))))',
            "response": '(record (field "status" u16) (field "headers" (option (list (tuple string string))))'
            ' (field "body" (option (list u8))))',
            "http-error": '(enum "success" "destination-not-allowed" "invalid-url" "request-error" "runtime-error"'
            ' "too-many-requests")',
        },
        "functions": {
            "send-request": '(param "req" $request) (result (result $response (error $http-error)))',
        },
    },
    "bench:host/sink": {
        "functions": {
            "put": '(param "bytes" (list u8))',
            "get": '(param "length" u32) (result (list u8))',
        },
    },
    "test:dep/words": {
        "functions": {"words": "(result string)"},
    },
    "example:unknown/thing": {
        "functions": {"do-it": '(param "what" string) (result u32)'},
    },
}

# What 0.2.0-rc-2023-10-18 has otherwise: changed types and functions by interface.
OCTOBER = "0.2.0-rc-2023-10-18"
OCTOBER_INTERFACES = {
    "wasi:io/poll": {
        "types": {"pollable": RESOURCE},
        "functions": {"poll-one": '(param "self" (borrow $pollable))'},
    },
    "wasi:io/streams": {
        "uses": {"pollable": "wasi:io/poll"},
        "types": {"error": RESOURCE, **INTERFACES["wasi:io/streams"]["types"]},
        "functions": INTERFACES["wasi:io/streams"]["functions"],
    },
    "wasi:http/types": {
        "uses": INTERFACES["wasi:http/types"]["uses"],
        "types": {
            "error": '(variant (case "invalid-url" string) (case "timeout-error" string)'
            ' (case "protocol-error" string) (case "unexpected-error" string))',
            **INTERFACES["wasi:http/types"]["types"],
        },
        "functions": {
            **INTERFACES["wasi:http/types"]["functions"],
            "[constructor]fields": '(param "entries" (list (tuple string (list u8)))) (result (own $fields))',
            "[constructor]outgoing-response": '(param "status-code" u16) (param "headers" (borrow $fields))'
            " (result (own $outgoing-response))",
            "[method]outgoing-response.write": '(param "self" (borrow $outgoing-response))'
            " (result (result (own $outgoing-body)))",
            "[static]outgoing-body.finish": '(param "this" (own $outgoing-body))'
            ' (param "trailers" (option (own $fields)))',
            "[static]response-outparam.set": '(param "param" (own $response-outparam))'
            ' (param "response" (result (own $outgoing-response) (error $error)))',
        },
    },
}


# Interfaces that are otherwise in one version.
VERSIONED = {
    ("fermyon:spin/key-value", "2.0.0"): {
        "types": {
            "error": '(variant (case "store-table-full") (case "no-such-store") (case "access-denied")'
            ' (case "other" string))',
            "store": RESOURCE,
        },
        "functions": {
            "[static]store.open": '(param "label" string) (result (result (own $store) (error $error)))',
            "[method]store.get": '(param "self" (borrow $store)) (param "key" string)'
            " (result (result (option (list u8)) (error $error)))",
            "[method]store.set": '(param "self" (borrow $store)) (param "key" string) (param "value" (list u8))'
            " (result (result (error $error)))",
        },
    },
}


def described(interface: str, version: str) -> dict:
    """The types and functions of an interface of some version."""
    if (interface, version) in VERSIONED:
        return VERSIONED[interface, version]
    if version == OCTOBER and interface in OCTOBER_INTERFACES:
        return OCTOBER_INTERFACES[interface]
    return INTERFACES[interface]


HANDLER = "wasi:http/incoming-handler"
MEMORY = """\
  ;; The memory is a module of its own, so that it exists before the functions that are lowered with it.
  (core module $allocator
    (memory (export "memory") 2)
    (global $heap (export "heap") (mut i32) (i32.const 65536))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $start i32) (local $missing i32)
      (local.set $start
        (i32.and
          (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
      (global.set $heap (i32.add (local.get $start) (local.get $size)))
      (local.set $missing
        (i32.sub
          (i32.shr_u (i32.add (global.get $heap) (i32.const 65535)) (i32.const 16))
          (memory.size)))
      (if (i32.gt_s (local.get $missing) (i32.const 0))
        (then
          (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1)) (then (unreachable)))))
      (memory.copy (local.get $start) (local.get $old) (local.get $old-size))
      (local.get $start)))
  (core instance $env (instantiate $allocator))
  (alias core export $env "memory" (core memory $memory))
  (alias core export $env "realloc" (core func $realloc))
"""


class GuestError(Exception):
    pass


def words(text: str) -> list[str]:
    """The $names that a piece of type text refers to."""
    return re.findall(r"\$([A-Za-z][\w-]*)", text)


def wrapped(text: str) -> str:
    """A long variant over several lines."""
    if len(text) < 100:
        return text
    lines, line = [], ""
    for piece in re.split(r" (?=\(case )", text):
        if line and len(line) + len(piece) > 100:
            lines.append(line)
            line = ""
        line += (" " if line else "") + piece
    return "\n      ".join(lines + [line])


class Frame:
    """The imports of one component, in the order in which they have to stand."""

    def __init__(self):
        self.needed: dict[str, tuple[set[str], set[str]]] = {}  # interface@version -> (types, functions)
        self.versions: dict[str, list[str]] = {}
        self.aliased: set[tuple[str, str]] = set()  # (interface@version, type) that is used outside of its interface

    def alias_type(self, name: str, type_name: str):
        """Needs a type outside of the interface that defines it."""
        interface, version = self.split(name)
        owner = described(interface, version).get("uses", {}).get(type_name, interface)
        self.need_type(name, type_name)
        self.aliased.add((f"{owner}@{self.version(owner, version)}", type_name))

    def split(self, name: str) -> tuple[str, str]:
        interface, _, version = name.partition("@")
        if interface not in INTERFACES:
            raise GuestError(f"unknown interface {name}: add it to INTERFACES of generate.py")
        return interface, version

    def declare(self, name: str):
        interface, version = self.split(name)
        if name not in self.needed:
            self.needed[name] = (set(), set())
            self.versions.setdefault(interface, []).append(version)

    def version(self, interface: str, wanted: str) -> str:
        """The version of an interface to use types from: the same one if it is imported, else the one that is."""
        have = self.versions.get(interface, [])
        return wanted if wanted in have or not have else have[0]

    def need_type(self, name: str, type_name: str):
        self.declare(name)
        interface, version = self.split(name)
        known = described(interface, version)
        if type_name in known.get("uses", {}):
            other = known["uses"][type_name]
            owner = f"{other}@{self.version(other, version)}"
            self.aliased.add((owner, type_name))
            self.need_type(owner, type_name)
            return
        if type_name not in known.get("types", {}):
            raise GuestError(f"{interface} has no type {type_name}")
        if type_name in self.needed[name][0]:
            return
        self.needed[name][0].add(type_name)
        for used in words(known["types"][type_name]):
            self.need_type(name, used)

    def need_function(self, name: str, function: str):
        self.declare(name)
        interface, version = self.split(name)
        signature = described(interface, version).get("functions", {}).get(function)
        if signature is None:
            raise GuestError(f"{interface} has no function {function}: add it to INTERFACES of generate.py")
        self.needed[name][1].add(function)
        for used in words(signature):
            self.need_type(name, used)

    def identifier(self, name: str) -> str:
        """What the component calls an imported interface: "$http-types" for wasi:http/types@0.2.0."""
        interface, version = self.split(name)
        plain = re.sub(r"[:/]", "-", interface.removeprefix("wasi:"))
        return f"${plain}@{version}" if len(self.versions[interface]) > 1 else f"${plain}"

    def function_identifier(self, name: str, function: str) -> str:
        """What the component calls a lowered function: "$http-types.fields.append"."""
        plain = re.sub(r"^\[(?:method|static)\]", "", function).replace("[", "").replace("]", "-")
        return f"{self.identifier(name)}.{plain}"

    def type_identifier(self, name: str, type_name: str) -> str:
        """What the component calls a type of an interface."""
        interface, version = self.split(name)
        owner = described(interface, version).get("uses", {}).get(type_name, interface)
        owner_version = self.version(owner, version)
        many = len(self.versions.get(owner, [])) > 1
        return f"{type_name}@{owner_version}" if many else type_name

    def imports(self) -> str:
        lines = []
        for name in sorted(self.needed, key=lambda name: list(INTERFACES).index(name.partition("@")[0])):
            interface, version = self.split(name)
            known = described(interface, version)
            types, functions = self.needed[name]

            def qualified(text: str) -> str:
                def replace(match):
                    word = match.group(1)
                    if word in known.get("types", {}):
                        return f"$.{word}"
                    return f"${self.type_identifier(name, word)}"

                return re.sub(r"\$([A-Za-z][\w-]*)", replace, text)

            lines.append(f'  (import "{name}" (instance {self.identifier(name)}')
            for type_name, definition in known.get("types", {}).items():
                if type_name not in types:
                    continue
                if definition == RESOURCE:
                    lines.append(f'    (export "{type_name}" (type $.{type_name} {RESOURCE}))')
                else:
                    lines.append(f"    (type $.{type_name}-is {wrapped(qualified(definition))})")
                    lines.append(f'    (export "{type_name}" (type $.{type_name} (eq $.{type_name}-is)))')
            for function, signature in known.get("functions", {}).items():
                if function in functions:
                    text = f'    (export "{function}" (func {qualified(signature)}))'
                    if len(text) > 110:
                        text = text.replace(" (func ", "\n      (func ", 1)
                    lines.append(text)
            lines[-1] += "))"
            for type_name in known.get("types", {}):
                if (name, type_name) in self.aliased:
                    alias = self.type_identifier(name, type_name)
                    lines.append(f'  (alias export {self.identifier(name)} "{type_name}" (type ${alias}))')
        return "\n".join(lines) + "\n"


def component(source: str) -> str:
    heading = "".join(re.match(r"(?:;;.*\n)*", source).group(0))
    if not heading:
        raise GuestError("a guest starts with a comment that says what it is for")
    body = source[len(heading) :].strip("\n")
    declared = dict(re.findall(r"^;; export ([\w-]+): (.*)$", heading, re.M))
    includes = re.findall(r"^ *;; include ([\w.-]+)$", body, re.M)
    for include in includes:
        text = (HERE / "src" / "include" / include).read_text().rstrip("\n")
        indented = "\n".join(f"  {line}".rstrip() for line in text.splitlines())
        body = re.sub(rf"^ *;; include {re.escape(include)}$", lambda _: indented, body, flags=re.M)

    frame = Frame()
    lowered: dict[str, list[str]] = {}
    for module, function in re.findall(r'\(import "([^"]+)" "([^"]+)"', body):
        if module == "env":
            continue
        lowered.setdefault(module, []).append(function)
        # Declared first, all of them: which version a type comes from depends on what is imported.
        frame.declare(module)
    for module, functions in lowered.items():
        for function in functions:
            if function.startswith("[resource-drop]"):
                frame.alias_type(module, function.removeprefix("[resource-drop]"))
            else:
                frame.need_function(module, function)
    handlers = re.findall(rf'\(export "({re.escape(HANDLER)}@[\w.-]+)#handle"\)', body)
    for handler in handlers:
        types = f"wasi:http/types@{handler.partition('@')[2]}"
        frame.alias_type(types, "incoming-request")
        frame.alias_type(types, "response-outparam")

    out = [heading, ";; Written by generate.py from src/: change it there.\n(component\n", frame.imports(), MEMORY, "\n"]
    for module, functions in lowered.items():
        for function in functions:
            if function.startswith("[resource-drop]"):
                continue
            out.append(
                f"  (core func {frame.function_identifier(module, function)}\n"
                f'    (canon lower (func {frame.identifier(module)} "{function}")'
                " (memory $memory) (realloc $realloc)))\n"
            )
    for module, functions in lowered.items():
        for function in functions:
            if function.startswith("[resource-drop]"):
                resource = function.removeprefix("[resource-drop]")
                out.append(
                    f"  (core func {frame.function_identifier(module, function)} (canon resource.drop"
                    f" ${frame.type_identifier(module, resource)}))\n"
                )
    out.append("\n")
    out.append("\n".join(f"  {line}".rstrip() for line in body.splitlines()) + "\n")
    out.append('  (core instance $main (instantiate $main\n    (with "env" (instance $env))')
    for module, functions in lowered.items():
        out.append(f'\n    (with "{module}" (instance')
        for function in functions:
            out.append(f'\n      (export "{function}" (func {frame.function_identifier(module, function)}))')
        out.append("))")
    out.append("))\n\n")
    for index, handler in enumerate(handlers):
        number = "" if index == 0 else f"-{index + 1}"
        types = f"wasi:http/types@{handler.partition('@')[2]}"
        request, outparam = (frame.type_identifier(types, name) for name in ("incoming-request", "response-outparam"))
        out.append(
            f'  (func $handle{number} (param "request" (own ${request})) (param "response-out" (own ${outparam}))\n'
            f'    (canon lift (core func $main "{handler}#handle")))\n'
            f'  (instance $handler{number} (export "handle" (func $handle{number})))\n'
            f'  (export "{handler}" (instance $handler{number}))\n'
        )
    for name, signature in declared.items():
        out.append(f'  (func (export "{name}") {signature}\n    (canon lift (core func $main "{name}")')
        out.append(' (memory $memory) (realloc $realloc)))\n')
    return "".join(out).rstrip("\n") + ")\n"


def concurrent(source: str) -> str:
    """A guest of WASI 0.3: `src/concurrent/component.wat.in` around its code."""
    frame = (HERE / "src/concurrent/component.wat.in").read_text()
    frame = "\n".join(line for line in frame.split("\n") if not line.startswith(";;")).strip() + "\n"
    for place, text in [("VERSION", "0.3.0"), ("CLOCKS", "0.3.0"), ("CODE", source.strip().replace("\n", "\n    "))]:
        frame = frame.replace(place, text)
    return f";; Made by generate.py.\n\n{frame}"


def main() -> int:
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    stale = []
    for source in sorted((HERE / "src").glob("*.wat")) + sorted((HERE / "src/concurrent").glob("*.wat")):
        is_concurrent = source.parent.name == "concurrent"
        target = HERE / (f"concurrent-{source.name}" if is_concurrent else source.name)
        try:
            text = concurrent(source.read_text()) if is_concurrent else component(source.read_text())
        except GuestError as error:
            print(f"{source}: {error}", file=sys.stderr)
            return 1
        if target.exists() and target.read_text() == text:
            continue
        if check:
            stale.append(target.name)
        else:
            target.write_text(text)
            print(f"wrote {target.name}")
    if stale:
        print(f"not current: {', '.join(stale)}; run Tests/Guests/generate.py and commit the result", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
