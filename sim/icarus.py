"""Icarus Verilog, driven by the Python bench over two pipes.

Slow, and unlike Verilator it knows undefined values: an ``x`` on the output port is an error.
"""

import contextlib
import string
import subprocess
import time
from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from . import tools
from .bench import Bench
from .children import Child, ChildError, describe_status
from .engine import Design, Progress
from .frames import Port
from .recording import CoreError, Recording
from .scratch import lacks_space, scratch
from .traffic import Traffic


__all__ = ["Icarus"]


class Icarus:
    """Icarus Verilog. About 4 thousand pixels a second at 3x3."""

    name: ClassVar[str] = "icarus"
    waves: ClassVar[tuple[str, ...]] = (".vcd", ".fst")

    def require(self) -> None:
        """Look for iverilog and vvp."""
        tools.program("iverilog")
        tools.program("vvp")

    def run(
        self,
        design: Design,
        beats: npt.NDArray[np.uint8],
        traffic: Traffic,
        waves: Path | None,
        progress: Progress,
    ) -> Recording:
        """Compile the core for vvp and run the frames through it."""
        start = time.perf_counter()
        defines = [
            f"-DTOP={design.top}",
            f"-DIN_BITS={design.input.tdata_bits}",
            f"-DOUT_BITS={design.output.tdata_bits}",
        ]
        for name, port in (("IN_KEEP", design.input), ("OUT_KEEP", design.output)):
            defines += [f"-D{name}={port.tkeep_bits}"] if port.tkeep_bits else []
        defines += [f"-DIN_CLOCK={design.input_clock}"] if design.input_clock else []
        idle = "".join(f".{port}(0)," for port in design.idle_inputs)
        defines += [f"-DIDLE={idle}"] if idle else []
        if design.taps:
            ends = [0, *accumulate(port.tdata_bits for port in design.taps.values())]
            ports = "".join(
                f".{port.interface}_tvalid(tap_valid[{number}]),"
                f".{port.interface}_tdata(tap_data[{ends[number + 1] - 1}:{ends[number]}]),"
                for number, port in enumerate(design.taps.values()))
            defines += [f"-DTAPS={ports}", f"-DTAP_COUNT={len(design.taps)}",
                        f"-DTAP_BITS={ends[-1]}"]
        defines += ['-DWAVES="waves"'] if waves is not None else []
        bench = Bench(
            design.input,
            design.output,
            beats,
            traffic,
            lambda done, total: progress("simulating", done, total),
            design.taps,
            design.frame_cycles,
        )
        with scratch() as folder:
            source = Path(__file__).with_name("bench.v").read_text()
            (folder / "bench.v").write_text(source)
            (folder / "core.v").write_text(design.verilog)
            command = [tools.program("iverilog"), "-g2005", "-o", "bench", *defines]
            tools.run([*command, "-s", "bench", "bench.v", "core.v"], folder)
            built = time.perf_counter()
            form = "-fst" if waves is not None and waves.suffix == ".fst" else "-vcd"
            # Waves land where it runs: vvp takes few names for a file, and any folder.
            place = folder if waves is None else waves.parent
            command = [tools.program("vvp"), "-n", str(folder / "bench"), form]
            self._drive(command, place, bench, design.taps)
            if waves is not None:
                if reason := lacks_space(place):  # vvp says nothing of it
                    raise OSError(None, reason)
                next(place.glob("waves*")).replace(waves)  # vvp adds .fst by itself
        recording = bench.recording()
        recording.build_seconds = built - start
        recording.run_seconds = time.perf_counter() - built
        return recording

    def _drive(self, command: list[str], folder: Path, bench: Bench,
               taps: Mapping[str, Port]) -> None:
        """Exchange one line a cycle with the running simulator."""
        with Child(
            command,
            name="the simulator",
            reports_in=folder,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as child:
            process = child.process
            assert process.stdin is not None
            assert process.stdout is not None
            while not bench.done:
                # A design that has ended the simulation may have said something, still to be read.
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(
                        f"{bench.resetn:x} {bench.valid:x} {bench.user:x} {bench.last:x} "
                        f"{bench.ready:x} {bench.keep:x} {bench.data:x}\n"
                    )
                    process.stdin.flush()
                line = process.stdout.readline()
                while line.startswith(("FST info", "VCD info")):
                    line = process.stdout.readline()
                child.heard()
                if not line and (status := process.wait()) < 0:
                    raise ChildError(f"the simulator stopped with {describe_status(status)}")
                self._step(bench, line, taps)
            process.stdin.close()
            process.stdout.read()

    def _step(self, bench: Bench, line: str, taps: Mapping[str, Port]) -> None:
        fields = line.split()
        if len(fields) != 8:
            raise CoreError(f"the simulator stopped: {line.strip() or 'it says nothing'}")
        in_ready, valid = fields[:2]
        # Before the first clock edge in reset, and on an idle port, anything may be undefined.
        if not bench.resetn:
            bench.step(0, int(valid == "1"), 0, 0, 0)
            return
        values: dict[str, str] = dict(zip(("tready", "tvalid"), fields, strict=False))
        if valid == "1":
            values.update(zip(("tuser", "tlast", "tkeep"), fields[2:], strict=False))
        for name, text in values.items():
            if not text.isalnum() or set(text) & set("xXzZ"):
                port = "s_axis_video" if name == "tready" else "m_axis_video"
                raise CoreError(f"{port}: {name} is undefined: {text} (cycle {bench.cycle})")
        end = len(fields[7])
        for (layer, tap), shown in zip(taps.items(), reversed(fields[6]), strict=False):
            start = end - 2 * tap.bytes_per_beat
            digits = fields[7][start:end]
            if shown not in "01" or (shown == "1" and not set(digits) <= set(string.hexdigits)):
                raise CoreError(f"layer {layer}: undefined: {digits} (cycle {bench.cycle})")
            if shown == "1":
                bench.tap(layer, bytes.fromhex(digits)[::-1])
            end = start
        if valid == "1":
            user, last, keep = (int(text, 16) for text in fields[2:5])
            bench.step(int(in_ready, 16), 1, bench.read(fields[5]), user, last, keep)
        else:
            bench.step(int(in_ready, 16), 0, 0, 0, 0, 0)
