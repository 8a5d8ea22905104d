"""The devices to synthesise for: one table, and how each is driven.

Times and areas are nextpnr's, and only of the parts that it models: see :attr:`Target.dsp_delays`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..hdl.devices import PARTS, unknown_target
from ..model.errors import InputError


__all__ = [
    "CORE", "ECP5_PLACER", "GOWIN_CLOCK", "HARNESS", "INPUT_CLOCK", "NO_CLOCK", "PLACERS",
    "TARGETS", "Target", "family_cells", "target",
]

HARNESS = "harness"
"""Name of the top module around a core, see :mod:`.harness`."""

CORE = "core"
"""Name of the core's module and of its one instance in the harness."""

INPUT_CLOCK = "input_clk"
"""The harness's pin of the clock that an input may have for itself."""


GOWIN_CLOCK = "perhaps 20 % optimistic, as the author of nextpnr's timing of Gowin says"
"""Source: YosysHQ/nextpnr, pull request 1345. Block RAMs have delays since 2026-03, those of an
output without its register; DSPs have none."""

PLACERS = ("heap", "static")
"""nextpnr's placers: the usual one, and one that spreads all cells at once."""

ECP5_PLACER = ("--placer", "static", "--placer-heap-timingweight", "20")
"""Most cores are faster with it: binomial 5x5 has 305 MHz, the worst of five seeds 287, instead of
272 and 244; median 7x7 208 instead of 175 (nextpnr 0.11). Not those with registers for kernels:
run-time 3x3 has 239 instead of 257. The usual one is better with timing weighed twice as much as by
default. See docs/strategies.md."""

NO_CLOCK = "not available: nextpnr does not know Gowin's DSP delays"


@dataclass(frozen=True)
class Target:
    """A device, and the programs that build for it.

    Parameters
    ----------
    name : :class:`str`
        What ``--target`` takes.
    family : :class:`str`
        The device family.
    device : :class:`str`
        Device, package and speed grade, for tables.
    synthesis : :class:`str`
        yosys commands, from the read design with the harness as its top to mapped cells.
    router : :class:`str`
        The place and route program, as :func:`windrow.sim.tools.synthesis` knows it.
    arguments : tuple of :class:`str`
        Its arguments for this device.
    frequency : :class:`int`
        Clock in MHz that it is asked for; more than can be had, so that it does not stop early.
    dsp_delays : :class:`bool`
        Whether nextpnr has delays for its DSPs. It has none for Gowin's, so a design with one has
        no clock frequency that holds for all of it.
    caveat : :class:`str`
        What to know of the clock frequency, in words; empty where there is nothing.
    luts, rams, large_rams, dsps : mapping of :class:`str` to a number
        Cells in nextpnr's report, and how many of the resource one of them takes.
    flip_flops : :class:`str`
        How the flip-flops' cell types in yosys' netlist begin. (iCE40's and Gowin's reports do not
        tell a flip-flop from the logic cell that it shares.)
    harness_luts : :class:`str`
        How the types of those routed cells begin that count as LUTs.
    capacity : mapping of :class:`str` to :class:`int`
        What the device has: ``luts``, ``flip_flops``, ``rams``, ``large_rams``, ``dsps``.
    pins : mapping of :class:`str` to :class:`str`
        Pins of the harness's ports, where the program does not place them by itself.
    routed : tuple of :class:`str`
        Arguments of the place and route program for ``routed.txt``, the file that the packer reads;
        none where that is the routed netlist itself.
    packer : tuple of :class:`str`
        The program that makes the bitstream, and its arguments with ``{routed}`` and
        ``{bitstream}`` for its two files.
    """

    name: str
    family: str
    device: str
    synthesis: str
    router: str
    arguments: tuple[str, ...]
    frequency: int
    dsp_delays: bool
    caveat: str
    luts: Mapping[str, int]
    flip_flops: str
    harness_luts: str
    rams: Mapping[str, int]
    large_rams: Mapping[str, int]
    dsps: Mapping[str, float]
    capacity: Mapping[str, int]
    pins: Mapping[str, str]
    routed: tuple[str, ...]
    packer: tuple[str, ...]

    def with_arguments(self, *arguments: str) -> "Target":
        """This target with other arguments of nextpnr's: ``--placer=heap``, or ``--tmg-ripup``.

        Each takes the place of one with its name, since nextpnr takes most of them once; of
        ``--vopt`` there may be several.
        """
        changed = list(self.arguments)
        for each in arguments:
            name, *value = each.split("=", 1)
            if name in changed and name != "--vopt":
                place = changed.index(name)
                del changed[place:place + 1 + len(value)]
            changed += [name, *value]
        return replace(self, arguments=tuple(changed))

    @property
    def components(self) -> str:
        """What :func:`windrow.hdl.build` takes: the family, or the part where it has less."""
        return self.name if self.name in PARTS else self.family


def _ecp5(
    name: str, device: str, *arguments: str, luts: int, rams: int, dsps: int
) -> Target:
    return Target(
        name=name, family="ecp5", device=device,
        # Comparisons with constants in LUTs instead of carry chains: the slowest of seven seeds
        # gains 2 to 25 % for no LUT (binomial 3x3 and 5x5, Sobel; yosys 0.70, nextpnr 0.11).
        # -nowidelut saves 8 % of the LUTs and costs 5 % of the clock. -abc9, -abc2 and -retime
        # change nothing: synth_ecp5 maps by abc9 in any case. -dff loses nets of a module that is
        # kept apart.
        synthesis=f"synth_ecp5 -top {HARNESS} -cmp2softlogic",
        router="nextpnr-ecp5", arguments=(
            *arguments, "--lpf-allow-unconstrained", *ECP5_PLACER),
        frequency=300, dsp_delays=True, caveat="",
        # One half of a slice's pair: a LUT4, a bit of a carry chain, a bit of LUT RAM.
        luts={"TRELLIS_COMB": 1}, flip_flops="TRELLIS_FF", harness_luts="TRELLIS_COMB",
        rams={"DP16KD": 1}, large_rams={}, dsps={"MULT18X18D": 1},
        capacity={"luts": luts, "flip_flops": luts, "rams": rams, "large_rams": 0, "dsps": dsps},
        pins={}, routed=("--textcfg", "routed.txt"), packer=("ecppack", "{routed}", "{bitstream}"),
    )


def _ice40(
    name: str, device: str, *arguments: str, synthesis: str, frequency: int, cells: int, rams: int,
    large_rams: int, dsps: int,
) -> Target:
    return Target(
        name=name, family="ice40", device=device,
        # A clock enable of few flip-flops goes into their LUTs: the way to its pin takes twice what
        # another wire does (medians of six seeds of Sobel: HX8K 225 instead of 196 MHz, UP5K 90
        # instead of 76, for 3 LUTs; from 40 on it takes 20 LUTs more and gains no more).
        synthesis=f"synth_ice40 -top {HARNESS} -dffe_min_ce_use 20{synthesis}",
        router="nextpnr-ice40", arguments=(*arguments, "--pcf-allow-unconstrained"),
        frequency=frequency, dsp_delays=True, caveat="",
        # A logic cell: a LUT4, a bit of a carry chain, a flip-flop, or all of them.
        luts={"ICESTORM_LC": 1}, flip_flops="SB_DFF", harness_luts="ICESTORM_LC",
        rams={"ICESTORM_RAM": 1}, large_rams={"ICESTORM_SPRAM": 1}, dsps={"ICESTORM_DSP": 1},
        capacity={"luts": cells, "flip_flops": cells, "rams": rams, "large_rams": large_rams,
                  "dsps": dsps},
        pins={}, routed=("--asc", "routed.txt"), packer=("icepack", "{routed}", "{bitstream}"),
    )


def _gowin(
    name: str, device: str, part: str, family: str, clock: str, *, synthesis: str, luts: int,
    flip_flops: int, rams: int, dsps: int,
) -> Target:
    return Target(
        name=name, family="gowin", device=device,
        # synth_gowin gives buffers to every module that is kept apart, not only to the top.
        synthesis=f"synth_gowin -top {HARNESS} -family {synthesis} -noiopads; "
                  f"iopadmap -bits -inpad IBUF O:I -outpad OBUF I:O {HARNESS}",
        router="nextpnr-gowin", arguments=("--device", part, "--vopt", f"family={family}"),
        frequency=100, dsp_delays=False, caveat=GOWIN_CLOCK,
        # A bit of a carry chain takes a LUT's place, a 16x4 LUT RAM that of four.
        luts={"LUT4": 1, "ALU": 1, "RAM16SDP4": 4}, flip_flops="DFF", harness_luts="LUT",
        rams={"BSRAM": 1}, large_rams={},
        # Counted in multipliers, whatever their width.
        dsps={"MULT9X9": 0.5, "MULT18X18": 1, "MULTALU18X18": 1, "MULTADDALU18X18": 2,
              "MULTALU36X18": 2, "MULT36X36": 4},
        capacity={"luts": luts, "flip_flops": flip_flops, "rams": rams, "large_rams": 0,
                  "dsps": dsps},
        # The board's clock pin, so that a clock network is reached; the others are any three.
        pins={"clk": clock, "din": "25", "dout": "26", INPUT_CLOCK: "27"},
        routed=(), packer=("gowin_pack", "-d", family, "-o", "{bitstream}", "{routed}"),
    )


_GATEMATE = Target(
    name="ccgm1a1", family="gatemate", device="CCGM1A1, core at 1.1 V (speed), worst case",
    # synth_gatemate gives buffers to every module that is kept apart, not only to the top.
    synthesis=f"synth_gatemate -top {HARNESS} -luttree -noiopad -noclkbuf; "
              f"iopadmap -bits -inpad CC_IBUF Y:I -outpad CC_OBUF A:O {HARNESS}; "
              f"clkbufmap -buf CC_BUFG O:I {HARNESS}; autoname",
    router="nextpnr-gatemate",
    arguments=("--device", "CCGM1A1", "--vopt", "allow-unconstrained", "--vopt", "fpga_mode=3",
               "--vopt", "time_mode=3"),
    frequency=200, dsp_delays=True, caveat="",
    # Half a CPE: a tree of two-input LUTs, the way to a lone flip-flop, or half a pair of sums.
    luts={"CPE_LT": 1, "CPE_ADDF": 2, "CPE_ADDF2": 2}, flip_flops="CC_DFF", harness_luts="CPE_L",
    # As yosys has them: in the end nextpnr puts two halves into one RAM, and calls it a half.
    rams={"CC_BRAM_20K": 1, "CC_BRAM_40K": 2}, large_rams={}, dsps={},
    capacity={"luts": 40960, "flip_flops": 40960, "rams": 64, "large_rams": 0, "dsps": 0},
    pins={}, routed=("--vopt", "out=routed.txt"), packer=("gmpack", "{routed}", "{bitstream}"),
)

TARGETS: Mapping[str, Target] = {
    each.name: each
    for each in (
        _ecp5("ecp5-25k", "LFE5U-25F CABGA381, speed grade 6",
              "--25k", "--package", "CABGA381", "--speed", "6", luts=24288, rams=56, dsps=28),
        _ecp5("ecp5-85k", "LFE5U-85F CABGA756, speed grade 6",
              "--85k", "--package", "CABGA756", "--speed", "6", luts=83640, rams=208, dsps=156),
        _ice40("up5k", "iCE40UP5K-SG48", "--up5k", "--package", "sg48", synthesis=" -device u",
               frequency=60, cells=5280, rams=30, large_rams=4, dsps=8),
        _ice40("hx8k", "iCE40HX8K-CT256", "--hx8k", "--package", "ct256", synthesis="",
               frequency=200, cells=7680, rams=32, large_rams=0, dsps=0),
        _gowin("gw1n-9", "GW1NR-9 QN88P, C6/I5 (Tang Nano 9K)", "GW1NR-LV9QN88PC6/I5", "GW1N-9C",
               "52", synthesis="gw1n", luts=8640, flip_flops=6480, rams=26, dsps=20),
        _gowin("gw2a-18", "GW2AR-18 QN88, C8/I7 (Tang Nano 20K)", "GW2AR-LV18QN88C8/I7",
               "GW2A-18C", "4", synthesis="gw2a", luts=20736, flip_flops=15552, rams=46, dsps=48),
        _GATEMATE,
    )
}
"""The targets by name."""


def family_cells(family: str) -> Target:
    """A target of a device family, for what all of them share: cells, and what nextpnr knows."""
    return next(each for each in TARGETS.values() if each.family == family)


def target(name: str) -> Target:
    """Return a target by its name, or by its family's where that has no other.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If there is none of that name.
    """
    if name not in TARGETS:
        family = [each.name for each in TARGETS.values() if each.family == name]
        if len(family) == 1:
            return TARGETS[family[0]]
        if family:
            raise InputError(f"target {name!r} is a family, not a device: choose from "
                             f"{', '.join(family)}")
        raise unknown_target(name, TARGETS)
    return TARGETS[name]
