"""Lets the runner of wasi-testsuite run its tests with `swirl run`.

Interface: doc/adapters.md of https://github.com/WebAssembly/wasi-testsuite. SWIRL names the command, with options if any.
"""

import os
import shlex
import subprocess
from typing import Dict, List, Optional, Tuple

SWIRL = shlex.split(os.getenv("SWIRL", "swirl"))


def get_name() -> str:
    return "swirl"


def get_version() -> str:
    result = subprocess.run(SWIRL[0:1] + ["--version"], encoding="UTF-8", capture_output=True, check=True)
    return result.stdout.split()[1]


def get_wasi_versions() -> List[str]:
    return ["wasm32-wasip1"]


def get_wasi_worlds() -> List[str]:
    return ["wasi:cli/command"]


def compute_argv(
    test_path: str,
    args_env_root: Tuple[List[str], Dict[str, str], Optional[str]],
    proposals: List[str],
    wasi_world: str,
    wasi_version: str,
) -> List[str]:
    args, env, root = args_env_root
    argv = SWIRL + ["run"]
    for name, value in env.items():
        argv += ["--env", f"{name}={value}"]
    if root:
        argv += ["--dir", f"{root}::/"]
    return argv + [test_path] + args
