"""The TMDS encoder in every state that it can come to, against the specification's flow chart."""

import random

import numpy as np
import pytest
from amaranth.sim import Simulator
from tmds_reference import encode, reachable, transitions

from windrow.boards.video import decode
from windrow.boards.video.tmds import CONTROL_WORDS, Encoder


def run(inputs: list[tuple[int, int, int]]) -> list[int]:
    """Give an encoder ``(data, control, active)`` a cycle each; return the symbols."""
    dut = Encoder()
    symbols: list[int] = []

    async def testbench(ctx):
        for data, control, active in [*inputs, *[(0, 0, 0)] * dut.latency]:
            ctx.set(dut.data, data)
            ctx.set(dut.control, control)
            ctx.set(dut.active, active)
            await ctx.tick()
            symbols.append(ctx.get(dut.symbol))

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    sim.add_testbench(testbench)
    sim.run()
    return symbols[dut.latency - 1 :][: len(inputs)]


def test_every_byte_in_every_state() -> None:
    paths = reachable()
    assert len(paths) > 5, "a walk through one state alone would show nothing"
    rng = random.Random(1)
    inputs: list[tuple[int, int, int]] = []
    covered = set()
    for cnt, path in paths.items():
        for byte in range(256):
            if (cnt, byte) in covered:
                continue
            now = 0
            inputs.append((rng.randrange(256), rng.randrange(4), 0))
            for value in [*path, byte, *(rng.randrange(256) for _ in range(3))]:
                covered.add((now, value))
                inputs.append((value, rng.randrange(4), 1))
                now = encode(value, now)[1]
    assert covered == {(cnt, byte) for cnt in paths for byte in range(256)}

    symbols = run(inputs)
    cnt = 0
    for at, ((data, control, active), symbol) in enumerate(zip(inputs, symbols, strict=True)):
        if active:
            wanted, cnt = encode(data, cnt)
            assert abs(cnt) <= 8
        else:
            wanted, cnt = CONTROL_WORDS[control], 0
        assert symbol == wanted, f"cycle {at}: got {symbol:010b}, wanted {wanted:010b}"
    data, control, active = decode.decode_symbols(np.array(symbols))
    assert active.tolist() == [bool(is_active) for _, _, is_active in inputs]
    assert data.tolist() == [byte if is_active else 0 for byte, _, is_active in inputs]
    assert control.tolist() == [0 if is_active else pair for _, pair, is_active in inputs]


def test_the_disparity_is_bounded() -> None:
    states = sorted(reachable())
    assert states == list(range(-8, 10, 2)), "what decode.py allows"


def test_transitions_are_minimised() -> None:
    for cnt in reachable():
        for byte in range(256):
            symbol, _ = encode(byte, cnt)
            xor = byte
            for shift in (1, 2, 4):  # prefix sums: XOR of all bits up to each
                xor ^= xor << shift & 0xFF
            xnor = xor ^ 0b10101010
            least = min(transitions(xor, 8), transitions(xnor, 8))
            assert transitions(symbol, 8) == least <= 4


def test_the_four_control_words() -> None:
    # DVI 1.0, figure 3-5, bit 9 to bit 0.
    wanted = [0x354, 0x0AB, 0x154, 0x2AB]
    assert run([(0x55, control, 0) for control in range(4)]) == wanted
    assert all(transitions(word, 10) >= 7 for word in wanted)
    most = max(transitions(encode(byte, cnt)[0], 10) for byte in range(256) for cnt in reachable())
    assert most < 7, "else a receiver could take data for a control word"


def test_symbols_that_no_encoder_sends() -> None:
    legal = {encode(byte, cnt)[0] for byte in range(256) for cnt in reachable()}
    assert len(legal) == 460
    for symbol in set(range(1 << 10)) - legal - set(CONTROL_WORDS):
        with pytest.raises(ValueError, match=f"symbol 1 is {symbol:010b}"):
            decode.decode_symbols(np.array([CONTROL_WORDS[0], symbol]))


def test_a_disparity_out_of_bounds() -> None:
    heavy = encode(0x01, 0)[0]
    assert heavy.bit_count() != 5
    with pytest.raises(ValueError, match=r"running disparity is .* bits at symbol 2"):
        decode.decode_symbols(np.array([CONTROL_WORDS[0], *[heavy] * 20]))
