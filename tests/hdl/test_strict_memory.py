"""Cores on a line memory that holds them to its contract: see `windrow.hdl.line_memory`."""

import dataclasses
import random
from typing import Any

import pytest
from amaranth import *
from core_bench import check, run
from register_bench import Registers, random_commit
from strategies import random_image
from test_small_filters import FILTERS, make

from windrow.hdl.devices import DEVICES
from windrow.hdl.line_memory import LineMemory


class StrictMemory(LineMemory):
    """Gives what is wrong where nothing was asked for, and for good once words are asked for, or
    written, in another order than they may be, or a word that was read is not written."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.memory = inner = LineMemory(self._shape, self._depth)
        wrong = Signal()
        asked: Value = self.read_enable
        for _ in range(self.read_latency):
            later = Signal()
            m.d.sync += later.eq(asked)
            asked = later
        read = Value.cast(inner.read_data)
        m.d.comb += [
            inner.read_address.eq(self.read_address),
            inner.write_enable.eq(self.write_enable),
            inner.write_address.eq(self.write_address),
            inner.write_data.eq(self.write_data),
            Value.cast(self.read_data).eq(Mux(asked & ~wrong, read, ~read)),
        ]
        counts = []
        for enable, address, last in (
            (self.read_enable, self.read_address, self.read_last),
            (self.write_enable, self.write_address, self.write_last),
        ):
            following, count = Signal.like(address), Signal(32)
            counts.append(count)
            with m.If(enable):
                m.d.sync += [following.eq(address + 1), count.eq(count + 1)]
                with m.If(last if self._shorter else address == self._depth - 1):
                    m.d.sync += following.eq(0)
                with m.If(address != following):
                    m.d.sync += wrong.eq(1)
        # Rows are long enough for all of a row's first words to be back before they are read.
        with m.If(counts[0] - counts[1] > self._depth):
            m.d.sync += wrong.eq(1)
        return m


@pytest.mark.parametrize("name", [
    "binomial", "uneven padding", "wide mean", "mirrored mean", "slow adders", "run time",
])
def test_core(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    generic = dataclasses.replace(DEVICES["generic"], line_memory=StrictMemory)
    monkeypatch.setitem(DEVICES, "generic", generic)
    filter, strategy = make(name), FILTERS[name][0]
    rng = random.Random(name)
    images = [random_image(rng, filter) for _ in range(3)]
    for stall in (0, 0.4):
        drives = None
        if filter.control != "none":
            drives = Registers(filter, [(rng.randrange(40), random_commit(rng, filter))])
        trace = run(filter, images, strategy=strategy, stall_in=stall, stall_out=stall,
                    registers=drives)
        check(drives.frames if drives else filter, images, trace)
