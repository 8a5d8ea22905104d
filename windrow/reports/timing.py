"""When a frame comes and goes, in clock cycles."""

from collections.abc import Mapping, Sequence
from typing import Any

from windrow.model.markup import Markup, element, join, table
from windrow.reports.section import Section
from windrow.sim.recording import Span


__all__ = ["timeline", "timing_section"]

_WIDTH, _LANE = 640, 34


def timing_section(manifest: Mapping[str, Any], spans: Sequence[Span]) -> Section:
    """The life of two frames, back to back: as they were simulated, else as they are promised.

    Parameters
    ----------
    manifest : mapping
        Of the core.
    spans : sequence of :class:`~windrow.sim.recording.Span`
        Those of a simulation; empty where there was none.
    """
    latency, frame = manifest["latency_cycles"], manifest["cycles_per_frame"]
    measured = len(spans) > 1
    if measured:
        start = spans[0].first_in
        shown = [Span(*(edge - start for edge in span)) for span in spans[:2]]
    else:
        shown = [Span(at, at + frame - 1, at + latency, at + latency + frame - 1)
                 for at in (0, frame)]
    one, two = shown[:2]
    rows = [
        ("first input beat", "0", "0"),
        ("first output beat", f"{latency:,}", f"{one.first_out:,}"),
        ("next frame's first input beat", f"{frame:,}", f"{two.first_in:,}"),
        ("last output beat", "", f"{one.last_out:,}"),
    ]
    columns = ("clock cycle", "promised", "simulated" if measured else "expected")
    clock = frame * 60 / 1e6
    return Section("timing", "Timeline of a frame", join([
        timeline(shown), table(columns, rows),
        element("p", f"A frame takes {frame:,} cycles: 60 a second need a clock of {clock:.3f} "
                     "MHz.", class_="note")]))


def timeline(spans: Sequence[Span]) -> Markup:
    """Frames as bars on two lanes: the input's, and the output's."""
    end = max(span.last_out for span in spans) + 1
    drawn = []
    for lane, name in enumerate(("input", "output")):
        top = lane * _LANE + 18
        drawn.append(element("text", name, x=0, y=top + 16))
        for number, span in enumerate(spans):
            first, last = span[2 * lane:2 * lane + 2]
            x = 60 + first / end * (_WIDTH - 60)
            width = max((last - first + 1) / end * (_WIDTH - 60) - 1, 2)
            words = f"{name} of frame {number}: cycles {first:,} to {last:,}"
            drawn += [element("rect", element("title", words),
                              x=f"{x:.1f}", y=top, width=f"{width:.1f}", height=24, rx=3,
                              class_=f"frame{number}"),
                      element("text", f"frame {number}", x=f"{x + width / 2:.1f}", y=top + 16,
                              text_anchor="middle", class_="inside")]
    for at in dict.fromkeys((0, spans[0].first_out, spans[-1].first_in)):
        x = 60 + at / end * (_WIDTH - 60)
        drawn.append(element("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=12, y2=2 * _LANE + 14))
    drawn.append(element("text", f"{end:,} cycles", x=_WIDTH, y=10, text_anchor="end"))
    return element("svg", element("title", "two frames, back to back"), *drawn, role="img",
                   xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {_WIDTH} {2 * _LANE + 20}",
                   class_="timeline")
