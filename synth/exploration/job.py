"""One run of yosys or of nextpnr, as a value that another process or machine can do.

:func:`perform` does it in a folder of its own, within a limit of time, and says how it ended. What
was done once on a machine is kept there too (:mod:`windrow.sim.cache`): a client that was killed
before it could write down what it had asked for does not ask for it again.
"""

import json
import os
import platform
import subprocess
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol

from ...distribution import version
from ...model.errors import InputError, one_line
from ...sim import cache, tools
from ...sim.scratch import scratch
from ..flow import make_netlist, place_and_route
from ..outcome import harness_luts, placement, usage
from ..targets import CORE, Target


__all__ = ["CRASHED", "DONE", "FAILED", "TIMEOUT", "Job", "PlacementJob", "Row", "SynthesisJob",
           "crashed", "perform", "tool_versions"]

DONE, FAILED, TIMEOUT, CRASHED = "done", "failed", "timeout", "crashed"
"""How a job ends: well; a tool fails, as it would again; too slow; with its worker, each time."""

LOG_LINES = 50


@dataclass(frozen=True)
class Row:
    """How a job ended.

    Parameters
    ----------
    key : :class:`str`
        The job's.
    status : :class:`str`
        One of :data:`DONE`, :data:`FAILED`, :data:`TIMEOUT`, :data:`CRASHED`.
    result : mapping
        Of a placement what the core takes, and its clock.
    error, log : :class:`str`
        What went wrong, in one line, and the last lines of the tool's log.
    netlist : :class:`bytes`
        Of a synthesis yosys's netlist, compressed.
    seconds : :class:`float`
        How long it took, where it was done first.
    worker : :class:`str`
        Machine and process that did it.
    """

    key: str
    status: str
    result: Mapping[str, Any]
    error: str = ""
    log: str = ""
    netlist: bytes = b""
    seconds: float = 0.0
    worker: str = ""


class Job(Protocol):
    """What a worker can do."""

    @property
    def target(self) -> Target: ...
    @property
    def seed(self) -> int | None: ...
    @property
    def versions(self) -> Mapping[str, str]:
        """Versions of the tools that it runs."""
        ...

    @cached_property
    def key(self) -> str:
        """A hash of all that its result depends on."""
        ...

    def run(self, folder: Path, timeout: float) -> tuple[dict[str, Any], bytes]:
        """Do it, and return the result and the netlist of a row."""
        ...


@dataclass(frozen=True)
class SynthesisJob:
    """Verilog and harness through yosys."""

    target: Target
    verilog: str
    harness: str
    versions: Mapping[str, str]
    seed: int | None = None

    @cached_property
    def key(self) -> str:
        return cache.key("synthesis", self.verilog, self.harness, self.target.synthesis,
                         json.dumps(self.versions))

    def run(self, folder: Path, timeout: float) -> tuple[dict[str, Any], bytes]:
        (folder / f"{CORE}.v").write_text(self.verilog, encoding="utf-8")
        (folder / "harness.v").write_text(self.harness, encoding="utf-8")
        make_netlist(self.target, folder, timeout=timeout)
        return {}, zlib.compress((folder / "netlist.json").read_bytes())


@dataclass(frozen=True)
class PlacementJob:
    """A netlist through nextpnr, with one seed."""

    target: Target
    synthesis: str
    netlist: bytes
    seed: int
    versions: Mapping[str, str]

    @cached_property
    def key(self) -> str:
        # Only what nextpnr sees of the target, and how its report is read.
        seen = {**asdict(self.target), "name": "", "device": "", "caveat": "", "capacity": {},
                "synthesis": "", "packer": ()}
        return cache.key("placement", self.synthesis, json.dumps(seen), str(self.seed),
                         json.dumps(self.versions))

    def run(self, folder: Path, timeout: float) -> tuple[dict[str, Any], bytes]:
        text = zlib.decompress(self.netlist)
        (folder / "netlist.json").write_bytes(text)
        report = place_and_route(tools.synthesis(self.target.router), self.target, folder,
                                 self.seed, keep=True, timeout=timeout)
        netlist = json.loads(text)
        routed = json.loads((folder / "routed.json").read_text(encoding="utf-8"))
        harness = harness_luts(netlist, routed, self.target)
        found = placement(self.seed, report, self.target)
        return {**asdict(usage(netlist, report, harness, self.target)), "harness_luts": harness,
                "fmax": found.fmax, "path": found.path and str(found.path)}, b""


def tool_versions(*programs: str) -> dict[str, str]:
    """Versions of programs for synthesis, and of windrow, which calls them and reads their reports.

    Raises
    ------
    :exc:`~windrow.sim.tools.MissingTool`
        If one is missing.
    """
    for name in programs:
        tools.synthesis(name)
    return {"windrow": f"{version()}, {_source()}",
            **{name: tools.synthesis_version(name) or "unknown" for name in programs}}


@lru_cache
def _source() -> str:
    """A hash of what stands between the tools and the rows: a clone changes, its version does not.
    """
    return cache.key(*(path.read_text(encoding="utf-8")
                       for path in sorted(Path(__file__).parents[1].glob("*.py"))))[:12]


@lru_cache
def _own_versions(*programs: str) -> dict[str, str]:
    return tool_versions(*programs)


def perform(job: Job, limit: float) -> Row:
    """Do a job here.

    Parameters
    ----------
    job : :class:`Job`
        What to do.
    limit : :class:`float`
        Seconds that it may take.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If this machine cannot do it as it was meant: it lacks a tool, or has another version.
    """
    here = f"{platform.node()}, process {os.getpid()}"
    try:
        found = _own_versions(*(name for name in job.versions if name != "windrow"))
    except InputError as error:
        raise InputError(f"worker {here}: {error}") from None  # a plain one can be pickled
    for name, wanted in job.versions.items():
        if found[name] != wanted:
            raise InputError(f"worker {here} has {name} {found[name]}, and the run {wanted}: "
                             "install the same")
    rows: list[Row] = []

    def make(place: Path) -> None:
        rows.append(row := _attempt(job, limit, here))
        if row.status not in (DONE, FAILED):
            raise _NotKept
        (place / "netlist").write_bytes(row.netlist)
        (place / "row.json").write_text(
            json.dumps(asdict(replace(row, netlist=b"")) | {"netlist": ""}))

    if "unknown" in found.values():
        return _attempt(job, limit, here)
    try:
        kept = cache.entry("exploration", job.key, make)
    except _NotKept:
        return rows[-1]
    read = json.loads((kept / "row.json").read_text())
    return Row(**{**read, "netlist": (kept / "netlist").read_bytes()})


class _NotKept(Exception):  # noqa: N818 - no failure
    """It may end another way next time."""


def _attempt(job: Job, limit: float, worker: str) -> Row:
    start = time.monotonic()
    with scratch() as folder:
        status, error, result, netlist = DONE, "", dict[str, Any](), b""
        try:
            result, netlist = job.run(folder, limit)
        except subprocess.TimeoutExpired:
            status, error = TIMEOUT, f"takes longer than {limit:g} seconds"
        except Exception as failure:  # whatever a tool wrote: other jobs go on
            known = isinstance(failure, InputError)
            status = FAILED
            error = one_line(str(failure) if known else f"{type(failure).__name__}: {failure}")
            error = error.replace(f"{folder}{os.sep}", "")
        log = "" if status == DONE else _last_lines(folder)
    return Row(job.key, status, result, error, log, netlist,
               round(time.monotonic() - start, 2), worker)


def crashed(job: Job, attempts: int) -> Row:
    """The row of a job whose worker ended each time."""
    return Row(job.key, CRASHED, {}, f"its worker ended {attempts} times without an answer")


def _last_lines(folder: Path) -> str:
    """The end of the newest log."""
    logs = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime)
    if not logs:
        return ""
    return "\n".join(logs[-1].read_text(errors="replace").splitlines()[-LOG_LINES:])
