"""The fast engine: Verilator and a compiled harness.

A run costs a translation to C++ (0.1 s), a compilation (seconds) and then runs at millions of
cycles a second. Compiled simulators are cached by content. What all of them share, Verilator's own
run-time library and its precompiled header, is compiled once for each Verilator and compiler;
that is most of the time of a first run. Neither make nor perl is needed.
"""

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from . import cache, children, tools
from .children import Child, ChildError
from .engine import Design, Progress
from .recording import CoreError, Recording, Span
from .scratch import scratch
from .traffic import Traffic


__all__ = ["Verilator", "compile_harness", "drive_harness", "harness_job"]

_TRANSLATE = (
    *("--cc", "--prefix", "Core", "--no-timing", "--output-split", "0", "-Wno-fatal", "-Wno-lint"),
    *("-O3", "--x-assign", "fast", "--x-initial", "fast", "--noassert", "--quiet-stats"),
)

_LARGE = 300_000
"""Bytes of C++ above which the core is compiled at -O1. A dense 31x31 (2.6 MB) then takes 14 s and
not 42 s, and runs as fast: GCC 12, Verilator 5.48."""

_BRIEF = 30_000
"""Cycles up to which a simulator is compiled at -O0, in half the time. It runs 5 times slower
than at -O2, which such a short run does not feel."""


def harness_job(design: Design, frame_count: int, traffic: Traffic) -> str:
    """Return the text that tells the compiled harness what to do."""
    input, output = design.input, design.output
    entries: dict[str, Sequence[int]] = {"frames": [frame_count]}
    entries["tap_bytes"] = [tap.bytes_per_beat for tap in design.taps.values()]
    entries["tap_beats"] = [tap.beats_per_frame for tap in design.taps.values()]
    for name, port in (("input", input), ("output", output)):
        entries[f"{name}_beats_per_line"] = [port.beats_per_line]
        entries[f"{name}_height"] = [port.height]
        entries[f"{name}_bytes_per_beat"] = [port.bytes_per_beat]
        entries[f"{name}_last_bytes"] = [port.last_bytes]
    for name in ("gap", "late", "hold"):
        entries[name] = getattr(traffic, name)
    entries["threshold"] = [traffic.threshold]
    entries["states"] = traffic.states
    entries["will_reset"] = [int(traffic.reset_at is not None)]
    entries["reset_at"] = [traffic.reset_at or 0]
    entries["reset_cycles"] = [traffic.reset_cycles]
    entries["patience"] = [traffic.patience(design.frame_cycles)]
    entries["drain"] = [2 * max(input.beats_per_line, output.beats_per_line) + 64]
    return "".join(
        f"{name} {len(values)} {' '.join(map(str, values))}\n" for name, values in entries.items()
    )


class Verilator:
    """Verilator with the compiled harness. 1 to 3 million pixels a second at 3x3."""

    name: ClassVar[str] = "verilator"
    waves: ClassVar[tuple[str, ...]] = (".vcd",)

    def require(self) -> None:
        """Look for Verilator and a C++ compiler."""
        tools.verilator()
        tools.cxx()

    def run(
        self,
        design: Design,
        beats: npt.NDArray[np.uint8],
        traffic: Traffic,
        waves: Path | None,
        progress: Progress,
    ) -> Recording:
        """Build the simulator, or take it from the cache, and run the frames through it."""
        start = time.perf_counter()
        output = design.output
        frame_count = len(beats) // design.input.beats_per_frame
        harness = self.prepare(design, frame_count, waves is not None, progress)
        built = time.perf_counter()
        total = frame_count * output.beats_per_frame
        with scratch() as folder:
            (folder / "job").write_text(harness_job(design, frame_count, traffic))
            beats.tofile(folder / "input")
            files = ("job", "input", "output", "report")
            command = [str(harness), *(str(folder / file) for file in files)]
            if waves is not None:
                command.append(str(waves))
            drive_harness(command, lambda done: progress("simulating", done, total), CoreError,
                          waves or folder / "output")
            report = json.loads((folder / "report").read_text())
            if report["error"]:
                raise CoreError(report["error"])
            result = np.fromfile(folder / "output", np.uint8).reshape(-1, output.bytes_per_beat)
            taps = {name: np.fromfile(folder / f"output.{number}", np.uint8).reshape(
                -1, tap.bytes_per_beat) for number, (name, tap) in enumerate(design.taps.items())}
        return Recording(
            result,
            [Span(*span) for span in report["spans"]],
            built - start,
            time.perf_counter() - built,
            taps,
        )

    def prepare(self, design: Design, frame_count: int, trace: bool, progress: Progress) -> Path:
        """Return the compiled simulator for a run of so many frames, as :meth:`build`."""
        return self.build(design, trace=trace, progress=progress,
                          brief=frame_count * design.frame_cycles <= _BRIEF)

    def build(
        self,
        design: Design,
        *,
        trace: bool,
        brief: bool,
        progress: Progress,
        harness: Path | None = None,
        defines: Sequence[str] = (),
    ) -> Path:
        """Return the compiled simulator of a core, from the cache if it is there.

        Parameters
        ----------
        design : :class:`Design`
            The core.
        trace : :class:`bool`
            Whether it is to write a waveform.
        brief : :class:`bool`
            Whether a quick build matters more than a quick run.
        progress : callable
            Told when something is built.
        harness : path
            C++ to compile the core with, which it sees as ``Core``; the project's own by default.
        defines : sequence of :class:`str`
            Macros, ``NAME=VALUE``.

        Raises
        ------
        :exc:`~windrow.sim.tools.MissingTool`
            If Verilator or the C++ compiler is missing.
        """
        text = (harness or Path(__file__).with_name("harness.cpp")).read_text()
        ports = ["IN_KEEP"] if design.input.tkeep_bits else []
        ports += ["OUT_KEEP"] if design.output.tkeep_bits else []
        ports += [f"IN_CLOCK={design.input_clock}"] if design.input_clock else []
        if design.taps:
            ports.append("TAPS=" + " ".join(f"TAP({number})" for number in range(len(design.taps))))
        return compile_harness(design.verilog, design.top, text, defines=[*ports, *defines],
                               trace=trace, brief=brief, progress=progress)


def compile_harness(
    verilog: str,
    top: str,
    harness: str,
    *,
    defines: Sequence[str] = (),
    trace: bool = False,
    brief: bool = False,
    progress: Progress,
) -> Path:
    """Return the compiled simulator of a design, from the cache if it is there.

    Parameters
    ----------
    verilog, top : :class:`str`
        The design and its top module. Files that it reads are looked for where it is run.
    harness : :class:`str`
        C++ to compile the design with, which it sees as ``Core``.
    defines : sequence of :class:`str`
        Macros of the harness, ``NAME`` or ``NAME=VALUE``.
    trace, brief, progress
        As for :meth:`Verilator.build`.

    Raises
    ------
    :exc:`~windrow.sim.tools.MissingTool`
        If Verilator or the C++ compiler is missing.
    """
    translator, compiler = tools.verilator(), tools.cxx()
    macros = [f"-D{define}" for define in defines]
    runtime = _Runtime(translator, compiler, trace)

    def make(folder: Path) -> None:
        wait = "some seconds" if runtime.is_built else "about 15 s, the first time"
        progress(f"building the simulator ({wait}, then cached)", 0, 0)
        (folder / "core.v").write_text(verilog)
        (folder / "harness.cpp").write_text(harness)
        with children.Pool(2) as pool:
            header, objects = pool.submit(runtime.header), pool.submit(runtime.objects)
            command = [translator.command, *_TRANSLATE, "--top-module", top]
            command += ["--trace-vcd"] if trace else []
            tools.run([*command, "--Mdir", ".", "core.v"], folder, translator.environment())
            (folder / "all.cpp").write_text(_unit(folder, brief))
            command = [compiler, *runtime.flags, *header.result(), *macros, "-I."]
            tools.run([*command, "-c", "all.cpp", "-o", "all.o"], folder)
            command = [compiler, "all.o", *objects.result(), "-s", "-pthread"]
            tools.run([*command, "-o", "harness"], folder)
        for path in folder.iterdir():
            if path.name != "harness":
                path.unlink()

    parts = (verilog, harness, top, *_TRANSLATE, *macros, *runtime.identity)
    names = {quick: cache.key(*parts, str(quick)) for quick in (False, True)}
    brief = brief and not (cache.folder() / "verilator" / names[False]).is_dir()
    return cache.entry("verilator", names[brief], make) / "harness"


def drive_harness(
    command: Sequence[str], progress: Callable[[int], None], error: type[Exception], writes: Path,
    **options: Any,
) -> None:
    """Run a compiled simulator, which prints how far it is, to its end.

    Parameters
    ----------
    command : sequence of :class:`str`
        The simulator and its arguments.
    progress : callable
        Told each number that it prints.
    error : type
        What to raise with anything else that it prints: the design, or a model in it, stops it.
    writes : path
        The largest file that it writes.
    **options
        As for :class:`subprocess.Popen`.

    Raises
    ------
    :exc:`~windrow.sim.children.ChildError`
        If it fails by what is around it: a full disk, a signal.
    """
    with Child(command, name="the simulator", reports_in=writes.parent, stdout=subprocess.PIPE,
               stderr=subprocess.PIPE, **options) as child:
        for line in child.lines():
            if not line.strip().isdigit():
                raise error(f"the simulator stopped: {line.strip()}")
            progress(int(line))
        assert child.process.stderr is not None
        complaint = child.process.stderr.read().strip()
        status = child.process.wait()
    if status != 0:
        raise ChildError(f"the simulator stopped with {children.describe_status(status)}"
                         + (f": {complaint}" if complaint else ""))


def _unit(folder: Path, brief: bool) -> str:
    """Return the text of the one file that is compiled.

    One unit for all: the precompiled header is read once, and what is called can be inlined. The
    header fixes the level on the command line, so the text lowers it from within. What Verilator
    calls slow runs once.
    """
    units = sorted(path.name for path in folder.glob("Core*.cpp"))
    slow = [name for name in units if name.endswith("Slow.cpp")]
    fast = [name for name in units if name not in slow]
    size = sum((folder / name).stat().st_size for name in units)
    level = "O0" if brief else "O1" if size > _LARGE else "O2"
    lines = ['#include "Core.h"', '#include "Core__pch.h"', f'#pragma GCC optimize ("{level}")']
    lines += [f'#include "{name}"' for name in [*fast, "harness.cpp"]]
    lines += ['#pragma GCC optimize ("O0")', *(f'#include "{name}"' for name in slow)]
    return "\n".join(lines) + "\n"


class _Runtime:
    """What every simulator shares: Verilator's run-time library and its header, precompiled.

    The header halves the time of a small build. Only GCC's is used; others compile without.
    """

    def __init__(self, verilator: tools.Verilator, compiler: str, trace: bool) -> None:
        include = verilator.root / "include"
        self._include = include
        self._compiler = compiler
        self._trace = trace
        self.flags = [
            *("-std=c++17", "-O2", "-pipe", f"-I{include}", f"-I{include / 'vltstd'}"),
            *("-DVERILATOR=1", "-DVM_COVERAGE=0", "-DVM_SC=0", "-DVM_TIMING=0"),
            *("-DVM_TRACE_FST=0", "-DVM_TRACE_SAIF=0"),
            *(f"-DVM_TRACE={int(trace)}", f"-DVM_TRACE_VCD={int(trace)}"),
        ]
        self.identity = (
            *(verilator.version, str(verilator.root)),
            *(compiler, tools.cxx_banner(compiler), *self.flags),
        )

    @property
    def is_built(self) -> bool:
        """Whether the cache has it."""
        return (cache.folder() / "runtime" / self._objects_key).is_dir()

    @property
    def _objects_key(self) -> str:
        return cache.key("objects", *self.identity)

    def objects(self) -> list[str]:
        """Return the paths of the compiled library."""
        names = ["verilated", "verilated_threads"] + ["verilated_vcd_c"] * self._trace

        def make(folder: Path) -> None:
            def compile_one(name: str) -> None:
                source = str(self._include / f"{name}.cpp")
                command = [self._compiler, *self.flags, "-c", source]
                tools.run([*command, "-o", f"{name}.o"], folder)

            with children.Pool(2) as pool:
                list(pool.map(compile_one, names))

        place = cache.entry("runtime", self._objects_key, make)
        return [str(place / f"{name}.o") for name in names]

    def header(self) -> list[str]:
        """Return the flags that use the precompiled header."""
        if "Free Software Foundation" not in tools.cxx_banner(self._compiler):
            return []

        def make(folder: Path) -> None:
            names = ["verilated.h"] + ["verilated_vcd_c.h"] * self._trace
            names += ["map", "memory", "string", "vector"]
            (folder / "runtime.h").write_text("".join(f"#include <{name}>\n" for name in names))
            command = [self._compiler, *self.flags, "-x", "c++-header", "runtime.h"]
            tools.run([*command, "-o", "runtime.h.gch"], folder)

        place = cache.entry("runtime", cache.key("header", *self.identity), make)
        return ["-include", str(place / "runtime.h")]
