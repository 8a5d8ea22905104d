"""What is claimed of streams and queues, in terms that a proof can follow."""

from typing import Any

from amaranth import *
from checker import Bench


__all__ = ["held", "in_order"]


def held(m: Module, bench: Bench, valid: Value, ready: Value, payload: Any) -> None:
    """Once valid, the payload stays, and stays valid, until it is taken."""
    bits = Value.cast(payload)
    waits = Signal(name="waits")
    kept = Signal(len(bits), name="kept")
    m.d.sync += [waits.eq(valid & ~ready), kept.eq(bits)]
    bench.always(valid & (bits == kept), when=waits)


def in_order(
    m: Module, bench: Bench, most: int, puts: Value, put: Value, gets: Value, got: Value,
) -> Signal:
    """Every value that is put comes out once, in order; at most ``most`` are inside.

    The one value that is looked at may be any of them: when it is put, those before it are
    counted, and when they have left it must be the next. Returns how many are inside.
    """
    inside = Signal(range(most + 2), name="inside")
    ahead = Signal(range(most + 2), name="ahead")
    tracks = Signal(name="tracks")
    tracked = Signal(put.shape(), name="tracked")
    m.d.sync += inside.eq(inside + puts - gets)
    with m.If(~tracks & puts & bench.anything(name="track")):
        m.d.sync += [tracks.eq(1), tracked.eq(put), ahead.eq(inside - gets)]
    with m.Elif(tracks & gets):
        m.d.sync += [ahead.eq(ahead - 1), tracks.eq(ahead != 0)]
    bench.always(inside != 0, when=gets)
    bench.always(inside <= most)
    bench.always(got == tracked, when=tracks & gets & (ahead == 0))
    return inside
