"""Lets the runner of wasi-testsuite run its tests: commands with `swirl run`, HTTP services with `swirl up`.

Interface: doc/adapters.md of https://github.com/WebAssembly/wasi-testsuite. SWIRL names the command, with options if any.
"""

import atexit
import json
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Dict, List, Optional, Tuple

SWIRL = shlex.split(os.getenv("SWIRL", "swirl"))


def get_name() -> str:
    return "swirl"


def get_version() -> str:
    result = subprocess.run(SWIRL[0:1] + ["--version"], encoding="UTF-8", capture_output=True, check=True)
    return result.stdout.split()[1]


def get_wasi_versions() -> List[str]:
    return ["wasm32-wasip1", "wasm32-wasip3"]


def get_wasi_worlds() -> List[str]:
    return ["wasi:cli/command", "wasi:http/service"]


def get_timeout_seconds() -> float:
    # The first run of each test compiles it.
    return float(os.getenv("SWIRL_TEST_TIMEOUT", "10"))


def compute_argv(
    test_path: str,
    args_env_root: Tuple[List[str], Dict[str, str], Optional[str]],
    proposals: List[str],
    wasi_world: str,
    wasi_version: str,
) -> List[str]:
    args, env, root = args_env_root
    if wasi_world == "wasi:http/service":
        return _service(test_path, env, proposals)
    argv = SWIRL + ["run"]
    for name, value in env.items():
        argv += ["--env", f"{name}={value}"]
    if root:
        # The runner removes what tests leave behind, but no links: the next test would find them.
        for link in Path(root).glob("*.cleanup"):
            if link.is_symlink():
                link.unlink()
        argv += ["--dir", f"{root}::/"]
    if "sockets" in proposals:
        argv += ["--network"]
    return argv + [test_path] + args


def _service(test_path: str, env: Dict[str, str], proposals: List[str]) -> List[str]:
    directory = tempfile.mkdtemp(prefix="swirl-wasi-testsuite-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    manifest = Path(directory) / "spin.toml"
    hosts = ["*://*:*"] if "http" in proposals else []
    # A JSON string is a TOML string.
    manifest.write_text(
        "spin_manifest_version = 2\n"
        '[application]\nname = "test"\nversion = "0.1.0"\n'
        '[[trigger.http]]\nroute = "/..."\ncomponent = "test"\n'
        f"[component.test]\nsource = {json.dumps(str(Path(test_path).absolute()))}\n"
        f"allowed_outbound_hosts = {json.dumps(hosts)}\n"
        "[component.test.environment]\n"
        + "".join(f"{json.dumps(name)} = {json.dumps(value)}\n" for name, value in env.items()))
    # The runner looks for the address in the first line of standard error. Without a state directory, nothing is said of
    # log files before it.
    argv = SWIRL + ["up", "--listen", "127.0.0.1:0", "--state-dir", "", "-f", str(manifest)]
    return ["/bin/sh", "-c", 'exec "$@" 1>&2', "sh"] + argv
