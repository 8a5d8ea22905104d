"""How many lines of Python the project has by folder, tests apart, now and at earlier commits.

    .venv/bin/python benchmarks/lines.py [COMMIT ...]
"""

import subprocess
import sys
from pathlib import Path

from windrow.console import print_table


ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("hdl", "model", "sim", "synth", "boards", "windrow", "packages", "benchmarks")


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout


def lines(commit: str, folder: str) -> int:
    """Lines of a folder's Python at a commit."""
    names = git("ls-tree", "-r", "--name-only", commit, f"{folder}/").decode().split()
    return sum(git("show", f"{commit}:{name}").count(b"\n")
               for name in names if name.endswith(".py"))


def main() -> int:
    commits = [*sys.argv[1:], "HEAD"]
    counts = {folder: [lines(commit, folder) for commit in commits] for folder in FOLDERS}
    counts["all"] = [sum(column) for column in zip(*counts.values(), strict=True)]
    print_table(("folder", *commits),
                [(folder, *map(str, row)) for folder, row in counts.items()])
    return 0


if __name__ == "__main__":
    sys.exit(main())
