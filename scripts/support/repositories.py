"""Public repositories at a pinned commit, checked out below `.deps`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEPS = ROOT / ".deps"


# Where each is, the commit, and the environment variable with another place to fetch from, such as a copy on this machine.
REPOSITORIES = {
    "spin": ("https://github.com/spinframework/spin", "94a8fc8a7804ec2519bb8d12df70ab77ad2e4f60", "SPIN"),
    # The last commit that has the modules of the runtime tests beside their sources (December 2023).
    "spin-2.0": ("https://github.com/spinframework/spin", "d41deb9eb33faeaa069d24a3922f26406c1cd2ca", "SPIN"),
    "spin-python-sdk": (
        "https://github.com/spinframework/spin-python-sdk",
        "b443c72e6fedd357918f5c4127f4b3d7e2b354aa",
        "SPIN_PYTHON_SDK",
    ),
    "spin-conformance-tests": (
        "https://github.com/fermyon/conformance-tests",
        "61f2799f92b5d85f342cc07e3f5dec5cd0a7bc9c",
        "SPIN_CONFORMANCE_TESTS",
    ),
}


class Unavailable(Exception):
    """Something from elsewhere cannot be had here: no failure of what is tested."""


def git(*arguments: str, directory: Path) -> None:
    result = subprocess.run(
        ["git", "-C", str(directory), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
    )
    if result.returncode != 0:
        raise Unavailable(f"git {arguments[0]} says: {' '.join(result.stdout.decode(errors='replace').split())}")


def checkout(name: str) -> Path:
    """One of the repositories at its commit, in `.deps/NAME`."""
    url, commit, variable = REPOSITORIES[name]
    directory = DEPS / name
    stamp = directory / ".git" / "swirl-commit"
    if stamp.exists() and stamp.read_text() == commit:
        return directory
    source = os.environ.get(variable) or url
    print(f"{name}: fetching {commit[:10]} from {source}", flush=True)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    try:
        git("init", "--quiet", directory=directory)
        git("fetch", "--quiet", "--depth", "1", source, commit, directory=directory)
        git("checkout", "--quiet", "--detach", commit, directory=directory)
    except Unavailable as error:
        shutil.rmtree(directory, ignore_errors=True)
        raise Unavailable(f"{error} ({variable} names a copy)") from None
    stamp.write_text(commit)
    return directory
