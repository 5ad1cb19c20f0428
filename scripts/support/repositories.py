"""Public repositories at a pinned commit, checked out below `.deps`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEPS = ROOT / ".deps"


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


def checkout(name: str, url: str, commit: str, variable: str) -> Path:
    """The repository at its commit, in `.deps/NAME`. `variable` names the environment variable with another place to
    fetch from, such as a copy on this machine."""
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
