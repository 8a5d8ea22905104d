"""The set-up of cameras, as a listener on the wires hears it."""

import itertools

import pytest
from amaranth.sim import Simulator

from windrow.boards.video.camera_model import SCCBListener
from windrow.boards.video.ov5640 import ov5640
from windrow.boards.video.ov7670 import ov7670
from windrow.boards.video.sccb import CameraTable, SCCBSetup, Wait, Write


class Wires:
    """The lines of a set-up in each cycle, and what a camera on them heard."""

    def __init__(self, dut: SCCBSetup, table: CameraTable, *, address: int | None = None,
                 restart: bool = False, absent: bool = False) -> None:
        self.listener = SCCBListener(table.address if address is None else address,
                                     table.register_bytes)
        self.scl: list[int] = []
        self.sda: list[int] = []
        self.when: list[int] = []  # the cycle of each write's end
        self.refusals: list[int] = []  # whether it was refused, each time that it was done

        async def testbench(ctx):
            restarts = restart
            while True:
                scl, sda = ctx.get(dut.scl), ctx.get(dut.sda)
                self.scl.append(scl)
                self.sda.append(sda)
                pull = 1 if restarts and absent else self.listener.step(scl, sda)
                if len(self.listener.writes) > len(self.when):
                    self.when.append(len(self.scl))
                ctx.set(dut.sda_in, sda & pull)
                ctx.set(dut.restart, restarts)
                if ctx.get(dut.done):
                    self.refusals.append(ctx.get(dut.refused))
                    if not restarts:
                        break
                    restarts = False
                await ctx.tick()
                assert len(self.scl) < 1_000_000, "never done"

        sim = Simulator(dut)
        sim.add_clock(1e-6)
        sim.add_testbench(testbench)
        sim.run()


@pytest.mark.parametrize("table", [
    ov7670("rgb565"), ov7670("yuv422", dummy_lines=0x1234), ov5640("yuv422"), ov5640("rgb565"),
], ids=lambda table: f"{table.name}-{len(table.steps)}")
def test_every_write_of_the_table_is_heard(table: CameraTable) -> None:
    wires = Wires(SCCBSetup(table, 8000, rate=2000, power_up=1), table)
    assert wires.listener.writes == [(step.register, step.value) for step in table.writes]
    assert wires.refusals == [0]


SHORT = CameraTable("short", 0x42, 1, (Write(0x12, 0x80), Wait(3), Write(0xFF, 0x00),
                                       Write(0x00, 0xFF)), "test")


@pytest.mark.parametrize(("clock", "rate", "quarter"), [
    (1_000_000, 100_000, 3), (1_000_000, 250_000, 1), (25_175, 400_000, 1), (25_000, 1000, 7),
])
def test_the_time_that_it_takes(clock: float, rate: float, quarter: int) -> None:
    wires = Wires(SCCBSetup(SHORT, clock, rate=rate, power_up=2), SHORT)
    assert len(wires.listener.writes) == 3
    edges = [at for at in range(1, len(wires.scl)) if wires.scl[at] > wires.scl[at - 1]]
    bits = [b - a for a, b in itertools.pairwise(edges)]
    assert min(bits) == 4 * quarter, "a bit takes four quarters"
    assert 4 * quarter * rate >= clock or quarter == 1
    write = (3 * 9 + 2) * 4 * quarter
    millisecond = clock / 1000
    assert wires.when[0] >= 2 * millisecond + write - 2 * quarter, "power-up"
    assert 0 <= wires.when[1] - wires.when[0] - write - 3 * millisecond < 10 + 4, "the pause"
    assert 0 <= wires.when[2] - wires.when[1] - write < 10, "no other pause"


def test_data_change_only_while_the_clock_is_low() -> None:
    wires = Wires(SCCBSetup(SHORT, 1_000_000, rate=50_000, power_up=1), SHORT)
    lines = list(zip(wires.scl, wires.sda, strict=True))
    at_high = [(a[1], b[1]) for a, b in itertools.pairwise(lines)
               if a[0] and b[0] and a[1] != b[1]]
    assert at_high == [(1, 0), (0, 1)] * 3, "a start and a stop a write, nothing else"
    assert lines[0] == lines[-1] == (1, 1)


def test_nobody_answers() -> None:
    wires = Wires(SCCBSetup(SHORT, 8000, rate=2000, power_up=1), SHORT, address=0x60)
    assert wires.refusals == [1]
    assert wires.listener.writes == []


def test_a_camera_that_is_there_at_the_second_time() -> None:
    wires = Wires(SCCBSetup(SHORT, 8000, rate=2000, power_up=1), SHORT, restart=True, absent=True)
    assert wires.listener.writes == [(0x12, 0x80), (0xFF, 0x00), (0x00, 0xFF)]
    assert wires.refusals == [1, 0]


def test_a_restart_writes_everything_again() -> None:
    wires = Wires(SCCBSetup(SHORT, 8000, rate=2000, power_up=1), SHORT, restart=True)
    assert wires.listener.writes == [(0x12, 0x80), (0xFF, 0x00), (0x00, 0xFF)] * 2


def test_the_tables_set_what_they_say() -> None:
    """The last value of each register, against the data sheets' meaning of its bits."""
    registers = {step.register: step.value for step in ov7670("rgb565", dummy_lines=300).writes}
    assert registers[0x12] & 0b100  # RGB
    assert registers[0x40] == 0b11_01_0000  # 0 to 255, RGB565
    assert registers[0x92] + 256 * registers[0x93] == 300
    registers = {step.register: step.value for step in ov7670("yuv422").writes}
    assert registers[0x12] == 0
    assert registers[0x40] == 0b11_00_0000
    assert ov7670().steps[:2] == (Write(0x12, 0x80), Wait(2))

    registers = {step.register: step.value for step in ov5640(lines=750).writes}
    pair = {at: registers[at] << 8 | registers[at + 1]
            for at in (0x3800, 0x3804, 0x3808, 0x380A, 0x380C, 0x380E)}
    assert (pair[0x3808], pair[0x380A], pair[0x380C], pair[0x380E]) == (1280, 720, 1892, 750)
    assert pair[0x3804] - pair[0x3800] + 1 == 2624
    assert registers[0x3008] == 0x02  # awake


@pytest.mark.parametrize(("make", "message"), [
    (lambda: ov7670("rgb888"), "pixel_format must be rgb565 or yuv422, not 'rgb888'"),
    (lambda: ov7670(dummy_lines=-1), "dummy_lines must be 0 to 65535, not -1"),
    (lambda: ov5640("grey"), "pixel_format must be rgb565 or yuv422"),
    (lambda: ov5640(lines=739), "lines must be 740 to 65535, not 739"),
    (lambda: ov5640(line_pixels=9000), "line_pixels must be 1892 to 8191, not 9000"),
    (lambda: CameraTable("x", 0x43, 1, (), ""), "address of x must be even and 0 to 254, not 67"),
    (lambda: CameraTable("x", 0x42, 3, (), ""), "register_bytes of x must be 1 or 2, not 3"),
    (lambda: CameraTable("x", 0x42, 1, (Write(256, 0),), ""), "step 0 of x is out of range"),
    (lambda: CameraTable("x", 0x42, 2, (Wait(1), Write(256, 256)), ""), "step 1 of x"),
    (lambda: CameraTable("x", 0x42, 1, (Wait(0),), ""), "step 0 of x is out of range"),
])
def test_impossible_tables(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
