"""The C driver of a core against the core itself, under Verilator."""

import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from needed import needed

from windrow.hdl import build
from windrow.hdl.ports.verilog import Build
from windrow.model import Filter
from windrow.sim import cache, tools
from windrow.sim.frames import Port
from windrow.sim.job import first_mismatch
from windrow.sim.verilator import _TRANSLATE, _Runtime, _unit


__all__ = ["Driven", "driven"]

SOURCES = ("driver_shim.cpp", "driver_shim.h", "driver_program.c")
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")


@dataclass
class Driven:
    """A program that drives a core as a script says.

    Attributes
    ----------
    filter : :class:`~windrow.model.Filter`
        The core's, as after a reset.
    core : :class:`~windrow.hdl.ports.verilog.Build`
        The core.
    program : :class:`~pathlib.Path`
        The program.
    """

    filter: Filter
    core: Build
    program: Path

    def run(
        self, script: Sequence[str], frames: Sequence[tuple[Filter, np.ndarray]], folder: Path,
        *, stall: float = 0.0, seed: int = 0
    ) -> list[list[str]]:
        """Run a script, and compare the frames that come out with the model's.

        Parameters
        ----------
        script : sequence of :class:`str`
            Its lines; ``send`` stands for the next frame, ``drop`` for one that must not come out.
        frames : sequence of filter and image
            Each frame that is sent, and what it is to be filtered by.
        folder : :class:`~pathlib.Path`
            Where to run.

        Returns
        -------
        list of list of :class:`str`
            The words that each line prints, but for ``send`` and ``drop``.
        """
        print(f"seed {seed}, stall {stall}")
        waiting = iter(frames)
        kept = []
        lines = []
        for line in script:
            if line in ("send", "drop"):
                f, picture = next(waiting)
                out = f"{f.output_width} {f.output_height}" if line == "send" else "0 0"
                kept += [(f, picture)] if line == "send" else []
                line = f"send {f.width} {f.height} {out}"
            lines.append(line)
        (folder / "script").write_text("\n".join(lines) + "\n")
        beats = [self._port("input", f).pack(picture).tobytes() for f, picture in frames]
        (folder / "input").write_bytes(b"".join(beats))
        done = subprocess.run(
            [str(self.program), "script", "input", "output", str(stall), str(seed)],
            cwd=folder, capture_output=True, text=True, check=False, timeout=500)
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr}"
        found = (folder / "output").read_bytes()
        outputs = []
        for f, _ in kept:
            port = self._port("output", f)
            size = port.beats_per_frame * port.bytes_per_beat
            outputs.append(port.unpack(np.frombuffer(found[:size], np.uint8)))
            found = found[size:]
        assert not found
        mismatch = first_mismatch(outputs, [f.compute(picture) for f, picture in kept])
        assert mismatch is None, str(mismatch)
        return [line.split() for line in done.stdout.splitlines() if not line.startswith("send")]

    def _port(self, name: str, filter: Filter) -> Port:
        sides = {"input": (filter.width, filter.height),
                 "output": (filter.output_width, filter.output_height)}
        width, height = sides[name]
        return Port.from_manifest(
            {**self.core.manifest[name], "width": width, "height": height})


def driven(filter: Filter, *, brief: bool = True) -> Driven:
    """Build the program for a filter; skip where a tool is missing."""
    with needed():
        translator, compiler = tools.verilator(), tools.cxx()
    c_compiler = shutil.which("gcc") or shutil.which("cc")
    if c_compiler is None:
        pytest.skip("there is no C compiler")
    core = build(filter, "tested")
    texts = {name: Path(__file__).with_name(name).read_text() for name in SOURCES}
    runtime = _Runtime(translator, compiler, trace=False)
    sizes = [f"-DIN_BYTES={core.manifest['input']['tdata_bits'] // 8}",
             f"-DOUT_BYTES={core.manifest['output']['tdata_bits'] // 8}",
             f"-DBEAT_PIXELS={filter.pixels_per_clock}"]

    def make(folder: Path) -> None:
        for name, text in (texts | core.files).items():
            (folder / name).write_text(text)
        (folder / "harness.cpp").write_text(texts["driver_shim.cpp"])
        with ThreadPoolExecutor(2) as pool:
            header, objects = pool.submit(runtime.header), pool.submit(runtime.objects)
            tools.run([c_compiler, *STRICT, "-c", "driver_program.c"], folder)
            tools.run([translator.command, *_TRANSLATE, "--top-module", core.name, "--Mdir", ".",
                       f"{core.name}.v"], folder, translator.environment())
            (folder / "all.cpp").write_text(_unit(folder, brief))
            tools.run([compiler, *runtime.flags, *header.result(), *sizes, "-I.", "-c", "all.cpp"],
                      folder)
            tools.run([compiler, "all.o", "driver_program.o", *objects.result(), "-s", "-pthread",
                       "-o", "program"], folder)

    parts = (*core.files.values(), *texts.values(), *_TRANSLATE, *runtime.identity, *sizes,
             *STRICT, c_compiler, str(brief))
    return Driven(filter, core, cache.entry("driver", cache.key(*parts), make) / "program")
