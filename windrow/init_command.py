"""`windrow init`: a filter file to begin with."""

import argparse
from pathlib import Path

from windrow.console import Table, show
from windrow.parser import Commands, add_command
from windrow.usage import UsageError


__all__ = ["add_to"]

TEXT = """\
# A filter for windrow: `windrow generate {name}` writes its Verilog.
# A line that begins with # is a comment; keys that are comments here show their defaults.

# The kernel: a name of `windrow kernels`, or a matrix such as [[1, 2, 1], [2, 4, 2], [1, 2, 1]].
kernel = "sobel-x"

# The input frame, in pixels.
width = 1920
height = 1080

# In place of the kernel a filter may have another verb: kernels, median, rank, percentile, erode or
# dilate. Examples: median = 3, or erode = "ellipse:ksize=5".

# Or compute as a library's function does, see `windrow presets`.
# preset = "cv2.GaussianBlur:ksize=5"

# Samples: u8 is unsigned with 8 bits, s16 is signed with 16 bits.
# pixel = "u8"
output = "s16"                # the default is as pixel
# channels = 1                # 3 for colour: planes filtered side by side

# Pixels outside the frame: constant, replicate, symmetric or reflect101.
border = "reflect101"         # the default is replicate
# border_value = 0            # of a constant border
# padding = "same"            # same, valid, full, or [top, bottom, left, right]

# The arithmetic: result = overflow(round(sum / 2**shift + offset)).
# operation = "correlate"     # or convolve: the kernel is flipped
# anchor = [1, 1]             # row and column of the kernel's cell on the output pixel
# shift = 0
# offset = 0
# rounding = "half-up"        # floor, half-up, half-even, half-away or toward-zero
# overflow = "saturate"       # saturate, wrap or abs-saturate

# Speed: several pixels a clock cycle, or several cycles a pixel.
# pixels_per_clock = 1        # 1, 2, 4 or 8
# clocks_per_pixel = 1

# Registers, to change the filter while it runs.
# control = "none"            # or axi4-lite
# coefficients = "constant"   # or runtime
# coefficient_bits = 8
# max_width = 1920
# max_height = 1080

# Beats of a FIFO for an input with a clock of its own.
# input_fifo = 0
"""


PIPELINE = """\
# A pipeline for windrow: `windrow generate {name}` writes its Verilog. docs/pipelines.md is the
# guide; `windrow designs` lists ready ones. A line that begins with # is a comment.

# The input frame, in pixels.
width = 1920
height = 1080
# pixel = "u8"                # samples: u1..u16, or signed, s2..s16
# channels = 1                # 3 for colour
# pixels_per_clock = 1        # 1, 2, 4 or 8

# Of every stage that says nothing else: constant, replicate, symmetric or reflect101.
border = "reflect101"

# Each stage has one verb, and reads the stage above it; the first one reads `input`.
[[stage]]
name = "smooth"
kernel = "gaussian:ksize=5"   # or median = 3, erode = "ellipse:ksize=5", threshold = 60 ...

# A bank: several kernels on one window, each with a name.
[[stage]]
kernels = {{ gx = "sobel-x", gy = "sobel-y" }}
output = "s16"                # the default is as what it reads; a gradient is negative too

# An expression reads what it names: integers, exact until they become the output sample.
[[stage]]
name = "size"
expr = "abs(gx) + abs(gy)"
output = "u8"                 # what does not fit is clipped; or overflow = "wrap"

# A name that is used again is a branch. It waits by itself.
[[stage]]
expr = "where(size > 60, 255, smooth)"
output = "u8"

# The last stage comes out; or several taps, side by side as channels:
# outputs = ["size", "smooth"], above the first stage.
"""


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "init", run, takes="[FILE]",
        summary="write a filter file to begin with, with every key explained",
        description="Write a filter file that generates as it is, with a comment on every key.",
        examples=("windrow init", "windrow init edges.toml", "windrow init --pipeline"),
    )
    parser.add_argument("--pipeline", action="store_true",
                        help="a pipeline of several stages (a filter)")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE",
                        help="the file, whose name ends in .toml (filter.toml, or pipeline.toml)")
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")


def run(args: argparse.Namespace) -> int:
    """Write the file."""
    path = args.file or Path("pipeline.toml" if args.pipeline else "filter.toml")
    if path.suffix.lower() != ".toml":
        raise UsageError(f"file {str(path)!r} must end in .toml")
    there = path.exists()
    if there and not args.force:
        raise UsageError(f"file {str(path)!r} is there already: give another name, or --force")
    text = PIPELINE if args.pipeline else TEXT
    path.write_text(text.format(name=path), encoding="utf-8")
    show(args, {"file": path, "replaced": there}, [
        Table(("", ""), [("replaced" if there else "wrote", str(path)),
                         ("next", f"`windrow generate {path}`")])])
    return 0
