"""What every engine is given and offers."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from ..model.errors import InputError
from ..model.filter import Filter
from ..model.pipeline import Pipeline
from .children import ChildError
from .frames import Port
from .recording import CoreError, Recording
from .save_file import write_save_file
from .scratch import lacks_space
from .traffic import Traffic


__all__ = ["Design", "Engine", "Progress", "Remake", "check_waves", "complete", "kept_waves"]

Progress = Callable[[str, int, int], None]
"""Told what is being done, and how much of it: ``progress(text, done, total)``. Where the total
is not known it is 0."""


@dataclass(frozen=True)
class Design:
    """A core to run.

    Parameters
    ----------
    verilog : :class:`str`
        Its Verilog.
    manifest : mapping
        Its manifest; the keys ``top``, ``input`` and ``output`` are used, and of a network
        ``cycles_per_frame`` and ``taps``.
    source : :class:`~windrow.model.filter.Filter`, :class:`~windrow.model.pipeline.Pipeline` or \
``None``
        What it was made from. Only the engine ``pysim``, which takes no Verilog, needs it.
    """

    verilog: str
    manifest: Mapping[str, Any]
    source: Filter | Pipeline | None = None

    @property
    def top(self) -> str:
        """Name of the top module."""
        return str(self.manifest["top"])

    @property
    def cells(self) -> set[str]:
        """Names of a device family's cells that the Verilog uses and does not define."""
        own = set(re.findall(r"^module (\w+)", self.verilog, flags=re.M))
        return set(re.findall(r"^  ([A-Z]\w*) (?:#\(|\S+ \()", self.verilog, flags=re.M)) - own

    @cached_property
    def input(self) -> Port:
        """The port that takes frames."""
        return Port.from_manifest(self.manifest["input"])

    @property
    def input_clock(self) -> str | None:
        """Name of the input's own clock, where it has one. In simulation it is the core's."""
        clock = self.manifest["input"].get("clock")
        return None if clock is None else str(clock)

    @property
    def idle_inputs(self) -> list[str]:
        """Inputs that have nothing to do with frames: those of a register port. They stay at 0."""
        from ..hdl import control_ports

        return list(control_ports(self.manifest)[0])

    @cached_property
    def output(self) -> Port:
        """The port that gives frames."""
        return Port.from_manifest(self.manifest["output"])

    @cached_property
    def taps(self) -> Mapping[str, Port]:
        """Ports that show a network's tensors, by their names: Verilator and Icarus read them."""
        return {name: Port.from_manifest(entry)
                for name, entry in self.manifest.get("taps", {}).items()}

    @property
    def frame_cycles(self) -> int:
        """About how many cycles a frame takes."""
        return max(self.input.beats_per_frame, self.output.beats_per_frame,
                   self.manifest.get("cycles_per_frame", 0))


Remake = Callable[[Design, Progress], Design]
"""Makes another design of a generated one, as its netlist or with models of its cells."""


def complete(
    design: Design, target: str, remake: Remake | None, progress: Progress
) -> Design:
    """Return the design to run: what ``remake`` makes of a generated one, or that itself.

    Raises
    ------
    :exc:`InputError`
        If its Verilog uses cells of the device and nothing remakes it.
    """
    if remake is not None:
        return remake(design, progress)
    if design.cells:
        raise InputError(
            f"target {target!r} uses cells without a model, {', '.join(sorted(design.cells))}: "
            "simulate target 'generic', or add their models by remake (see "
            "windrow.synth.netlist.with_models)")
    return design


class Engine(Protocol):
    """A way to run a core. The engines are listed in :data:`windrow.sim.job.ENGINES`."""

    name: ClassVar[str]
    waves: ClassVar[tuple[str, ...]]
    """Suffixes of the waveform files that it writes."""

    def require(self) -> None:
        """Look for the engine's tools.

        Raises
        ------
        :exc:`~windrow.sim.tools.MissingTool`
            If one is missing.
        """
        ...

    def run(
        self,
        design: Design,
        beats: npt.NDArray[np.uint8],
        traffic: Traffic,
        waves: Path | None,
        progress: Progress,
    ) -> Recording:
        """Send packed frames through the core, and record what comes out.

        Raises
        ------
        :exc:`~windrow.sim.recording.CoreError`
            If the core breaks a rule of its ports, or hangs.
        """
        ...


def check_waves(engine: Engine, waves: Path) -> None:
    """Check that an engine writes waveforms of the kind that a file name asks for.

    Raises
    ------
    :exc:`InputError`
        If it does not.
    """
    if waves.suffix not in engine.waves:
        raise InputError(
            f"waves must end in {' or '.join(engine.waves)} with engine {engine.name}, "
            f"not {str(waves)!r}"
        )


@contextmanager
def kept_waves(waves: Path | None) -> Iterator[Path | None]:
    """Yield where an engine is to write a waveform; the file takes its place when the run is over.

    Raises
    ------
    :exc:`InputError`
        If the file cannot be made.
    """
    if waves is None:
        yield None
        return
    rule = f"waves must be a file in a folder that can be written, not {str(waves)!r}"
    if waves.is_dir():
        raise InputError(rule)
    try:
        scratch = tempfile.TemporaryDirectory(dir=waves.parent, prefix=".windrow-")
    except OSError:
        raise InputError(rule) from None
    with scratch as folder:
        draft = Path(folder).absolute() / waves.name
        try:
            yield draft
        except CoreError:
            if draft.exists():
                os.replace(draft, waves)  # it shows what went wrong
                write_save_file(waves)
            raise
        except (OSError, ChildError) as error:
            reason = lacks_space(draft.parent)
            if isinstance(error, OSError) and error.filename is None:
                reason = reason or error.strerror or str(error)
            if not reason:
                raise
            raise InputError(f"waves {str(waves)!r} cannot be written: {reason}") from error
        try:
            os.replace(draft, waves)
            write_save_file(waves)
        except OSError as error:
            raise InputError(f"{rule}: {error.strerror}") from None
