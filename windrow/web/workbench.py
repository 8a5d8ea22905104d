"""What the page does, without the page: a picture, a design, its result, its files.

Everything is in one folder. Text that comes from the page is a design's keys, and those name no
files; what is sent is kept under names of our own.
"""

import io
import json
import subprocess
import sys
import tomllib
import zipfile
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from windrow import Filter, Pipeline, boards
from windrow.boards.catalogue import BOARDS
from windrow.filter_flags import make_design
from windrow.hdl import Build, PlannedNetwork, build
from windrow.model import InputError, Sample
from windrow.model.files import format_toml
from windrow.model.network import Network
from windrow.network_flags import network_plan
from windrow.network_simulation import classes
from windrow.packages.table import add_packages
from windrow.reports.resources import DeviceUse, device_uses
from windrow.sim import Traffic, children, pictures, simulate
from windrow.sim.job import judge
from windrow.sim.network import first_wrong_layer, simulate_network
from windrow.sim.picture_writer import png
from windrow.usage import UsageError


__all__ = ["PICTURE_SUFFIXES", "Design", "Shown", "Workbench", "design_of_text"]

Design = Filter | Pipeline | Network
Frame = npt.NDArray[np.integer[Any]]

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm",
                    ".pgm")
NETWORK_SUFFIXES = (".onnx", ".tflite")

LARGEST_FRAME = 1920 * 1200
"""Pixels; a page that is to answer at once has no use for more."""


@dataclass(frozen=True)
class Shown:
    """What a design makes of the picture.

    Parameters
    ----------
    before, after : :class:`bytes`
        PNG files; the second is empty where the output is no picture.
    notes : list of :class:`str`
        What was done to show them.
    answers : list of :class:`str`
        Of a network the likeliest classes.
    """

    before: bytes
    after: bytes
    notes: list[str]
    answers: list[str]


def design_of_text(text: str, width: int, height: int) -> Filter | Pipeline:
    """The design of a TOML text, in a frame of a size.

    Raises
    ------
    :exc:`~windrow.model.InputError` or :exc:`~windrow.usage.UsageError`
        If it is none.
    """
    try:
        keys = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"the design is no TOML: {error}") from None
    return make_design({**keys, "width": width, "height": height})


class Workbench:
    """A picture and a folder.

    Parameters
    ----------
    folder : :class:`~pathlib.Path`
        For all files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._picture = Image.open(Path(boards.__path__[0]) / "photograph.jpg").convert("RGB")
        self.picture_name = "the package's photograph"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self._picture.size

    def take_picture(self, name: str, content: bytes) -> None:
        """Use another picture.

        Raises
        ------
        :exc:`~windrow.model.InputError`
            If it is none, or too large.
        """
        path = self._keep("picture", name, content, PICTURE_SUFFIXES)
        header = pictures.open_picture(path)  # its size, before anything is decoded
        if header.width * header.height > LARGEST_FRAME:
            raise InputError(f"picture {name!r} has {header.width}x{header.height} pixels; at most "
                             f"{LARGEST_FRAME:,} in all")
        frames, _ = header.frames(width=header.width, height=header.height, channels=3,
                                  pixel=Sample.parse("u8"))
        self._picture = Image.fromarray(frames[0])
        self.picture_name = name

    def take_network(self, name: str, content: bytes) -> Network:
        """Read a network.

        Raises
        ------
        :exc:`~windrow.model.InputError`
            If it is none that can be built.
        """
        return Network.read(self._keep("network", name, content, NETWORK_SUFFIXES))

    def _keep(self, stem: str, name: str, content: bytes, suffixes: tuple[str, ...]) -> Path:
        """Write what was sent under a name of our own."""
        suffix = Path(name).suffix.lower()
        if suffix not in suffixes:
            raise InputError(f"file {name!r} must end in {', '.join(suffixes)}")
        path = self._folder / (stem + suffix)
        path.write_bytes(content)
        return path

    def frame(self, design: Design) -> tuple[Frame, list[str]]:
        """The picture as the design's input, scaled where it has another size."""
        if isinstance(design, Network):
            tensor = design.input
            width, height, channels, sample = (
                tensor.width, tensor.height, tensor.channels, tensor.sample)
        else:
            width, height, channels, sample = (
                design.width, design.height, design.channels, design.pixel)
        if width * height > LARGEST_FRAME:
            raise InputError(f"size {width}x{height} is too large to be shown here: at most "
                             f"{LARGEST_FRAME:,} pixels")
        notes = []
        picture = self._picture
        if picture.size != (width, height):
            picture = picture.resize((width, height))
            notes.append(f"the picture is scaled to {width}x{height}")
        path = self._folder / "frame.png"
        picture.save(path)
        frames, said = pictures.open_picture(path).frames(
            width=width, height=height, channels=channels, pixel=sample)
        return frames[0], notes + said

    def compute(self, design: Design) -> Shown:
        """What the hardware makes of the picture: the model's result, which is exact."""
        frame, notes = self.frame(design)
        if isinstance(design, Network):
            tensor = design.input
            planes = np.atleast_3d(frame).transpose(2, 0, 1)
            output = design.compute(planes[None])
            answers = ["class " + str(each["label"] or each["class"])
                       + ("" if each["value"] is None else f": {each['value']}")
                       for found in classes(output, design.labels) for each in found]
            before, _ = png(frame, tensor.sample)
            after, note = _network_picture(output[0], design)
            return Shown(before, after, [*notes, *filter(None, [note])], answers)
        before, _ = png(frame, design.pixel)
        result = design.compute(frame)
        after, note = _picture(result, design)
        return Shown(before, after, [*notes, *filter(None, [note])], [])

    def run(self, design: Design, progress: Callable[[str, int, int], None]) -> str:
        """Run the picture through the Verilog, and return the verdict: it begins with bit-exact.

        Raises
        ------
        :exc:`~windrow.model.InputError`
            If a tool is missing.
        """
        frame, _ = self.frame(design)
        if isinstance(design, Network):
            planned = _planned(design, "generic")
            frames = np.atleast_3d(frame).transpose(2, 0, 1)[None]
            found = simulate_network(planned, frames, traffic=Traffic(), progress=progress)
            wrong = first_wrong_layer(planned, frames, found)
            return (f"bit-exact: every layer, {len(design.layers)} of them" if wrong is None
                    else f"NOT bit-exact: layer {wrong[0]}: {wrong[1]}")
        result = simulate(design, [frame], progress=progress)
        mismatch, _ = judge(result, design, [frame])
        if mismatch is not None:
            return f"NOT bit-exact: {mismatch}"
        return (f"bit-exact: all {result.outputs[0].size:,} samples, in {result.engine}, "
                f"{result.cycles_per_frame:,} cycles a frame")

    def uses(self, design: Filter | Pipeline) -> tuple[list[DeviceUse], dict[str, str]]:
        """What the design is expected to take of each device, and why not of others."""
        return device_uses(design)

    def generate(self, design: Design, family: str, name: str) -> Build:
        """The Verilog and all that goes with it."""
        if isinstance(design, Network):
            return build(_planned(design, family), name, target=family)
        return add_packages(build(design, name, target=family), ["all"])

    def archive(self, design: Design, family: str, name: str) -> bytes:
        """A ZIP of what `windrow generate --package all` writes, with the design's own file.

        Raises
        ------
        :exc:`~windrow.model.InputError`
            If it cannot be built.
        """
        made = self.generate(design, family, name)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            for path, text in made.files.items():
                file.writestr(f"{name}/{path}", text)
            if not isinstance(design, Network):
                file.writestr(f"{name}/{name}.toml", design.to_toml())
        return packed.getvalue()

    def build_board(
        self, design: Design, board: str, progress: Callable[[str], None]
    ) -> tuple[bool, str, Path | None]:
        """Build the design for a board: whether all clocks are met, what was said, the bitstream.

        It runs as `windrow build` in a process of its own, which ends with this one.
        """
        if isinstance(design, Network):
            raise UsageError("a network is built for a board by `windrow build`, not here yet")
        # A screen has a size of its own.
        own = () if BOARDS[board].video is None else ("width", "height")
        keys = {key: value for key, value in design.to_dict().items() if key not in own}
        path = self._folder / "design.toml"
        path.write_text(format_toml(keys), encoding="utf-8")
        command = [sys.executable, "-m", "windrow", "build", board, str(path), "-o",
                   str(self._folder / "built"), "--json"]
        answer = self._folder / "build.json"
        with answer.open("w") as output, children.Child(
                command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.PIPE) as child:
            said = ""
            for line in child.process.stderr or ():
                said = line.strip().removeprefix("windrow: ")
                progress(said)
            status = child.process.wait()
        if status == 2:
            return False, said.removeprefix("error: "), None
        found = json.loads(answer.read_text())
        clocks = "; ".join(f"{each['name']}: {each['reached_mhz']:.1f} MHz of the "
                           f"{each['needed_mhz']:.1f} that it needs" for each in found["clocks"])
        return status == 0, clocks, Path(found["bitstream"])


def _planned(network: Network, family: str) -> PlannedNetwork:
    return PlannedNetwork(network, network_plan(
        Namespace(target=family, multipliers=None, cycles=None), network))


def _picture(result: Frame, design: Filter | Pipeline) -> tuple[bytes, str]:
    """The output as a PNG; of outputs side by side the first."""
    channels = result.shape[2] if result.ndim == 3 else 1
    if channels in (1, 3):
        return png(result, design.output)
    made, note = png(result[:, :, :1], design.output)
    return made, f"the first of {channels} outputs is shown" + (f"; {note}" if note else "")


def _network_picture(output: Frame, network: Network) -> tuple[bytes, str]:
    """The output as a PNG where it is one; else nothing."""
    channels, height, width = output.shape
    if height * width == 1 or channels not in (1, 3):
        return b"", ""
    return png(output.transpose(1, 2, 0), network.tensor(network.output).sample)
