"""Steps behind a stream that stop while its output is not taken."""

from typing import Any

from amaranth import *

from ...hdl.delay import delayed


__all__ = ["stepped"]


def stepped(m: Module, steps: Module, i: Any, o: Any, latency: int) -> Value:
    """Carry a stream's beats through steps of logic, but for their samples.

    While the output is taken, what is inside comes out by itself.

    Parameters
    ----------
    m : :class:`~amaranth.hdl.Module`
        Gets ``steps``, stopped as a whole while the output is.
    steps : :class:`~amaranth.hdl.Module`
        What makes the samples of ``o``, ``latency`` cycles later; it may be filled afterwards.
    i, o : streams of :class:`~windrow.hdl.beat.PixelBeat`
        Input and output.
    latency : :class:`int`
        Steps from one to the other.

    Returns
    -------
    :class:`~amaranth.hdl.Value`
        1 in a cycle that ends with a step.
    """
    flags = Cat(i.valid, i.payload.first, i.payload.last)
    valid, first, last = delayed(steps, flags, latency, name="flags")
    step = o.ready | ~valid
    m.d.comb += [
        i.ready.eq(step),
        o.valid.eq(valid),
        o.payload.first.eq(first),
        o.payload.last.eq(last),
    ]
    m.submodules.steps = EnableInserter(step)(steps)
    return step
