"""A source, a filter, and a screen: what goes onto a board that has one."""

from collections.abc import Mapping
from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..hdl import ControlledCore
from ..hdl.network.planned import PlannedNetwork
from ..model import Filter, InputError, Pipeline
from .panel import ControlPanel, default_choices
from .recognition import Recogniser
from .suits import Rule, check_filter
from .video.beam import Beam
from .video.camera import Camera
from .video.colour import GreyToRGB, RGBToLuma
from .video.display import Display
from .video.source import FrameSource
from .video.source_select import SourceSelect
from .video.split_screen import SplitScreen
from .video.timing import Timing
from .video.whole_frames import WholeFrames


__all__ = ["Demo", "demo_filter"]


def demo_filter(filter: Filter | Pipeline, timing: Timing) -> Filter | Pipeline:
    """Return a filter or a pipeline if it can stand between a source and a screen.

    Raises
    ------
    :exc:`InputError`
        If it cannot; the message names the key.
    """
    check_filter(filter, "a screen", (
        Rule("width", filter.width == timing.width, f"{timing.width}, as {timing} has"),
        Rule("height", filter.height == timing.height, f"{timing.height}, as {timing} has"),
        Rule("channels", filter.channels in (1, 3), "1 for grey or 3 for colour"),
        Rule("clocks_per_pixel", filter.clocks_per_pixel == 1, "1"),
        Rule("outputs" if isinstance(filter, Pipeline) else "padding",
             (filter.output_width, filter.output_height) == (filter.width, filter.height),
             "same, so that the picture keeps its size" if isinstance(filter, Filter)
             else "of the frame's size"),
    ))
    taps = filter.taps.values() if isinstance(filter, Pipeline) else ()
    for tap in taps:
        if tap.format.width * tap.format.height > timing.width * timing.height:
            raise InputError(
                f"{tap.name!r} of {tap.format.width}x{tap.format.height} does not suit a screen: a "
                f"larger frame takes more cycles than {timing} has")
    return filter


class Demo(wiring.Component):
    """Shows a source on a screen, as it is on the left and filtered on the right.

    One of the sources is selected, goes through the filter, and to the display: line-buffered end
    to end, no frame is stored. What a source shows comes on the screen :attr:`latency` cycles
    later. A kernel, a source and the place of the split line are chosen at the buttons or at the
    UART, see :class:`~.panel.ControlPanel`; they change between frames. For a pipeline kernels are
    values of its parameters, and of the kernels of its stages.

    A network is a :class:`~.recognition.Recogniser`: the right side is the picture with what the
    network sees in a box drawn over it, from column 0 on after a reset.

    A filter of one channel gets the luma of the source. A result of one channel is grey. Beside
    what leaves a frame late, as edges that are followed through whole frames, is the source's next
    frame.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter`, :class:`~windrow.model.Pipeline` or
            :class:`~windrow.hdl.network.planned.PlannedNetwork`
        The design. See :func:`demo_filter`.
    timing : :class:`~.video.timing.Timing`
        Of the screen.
    sources : mapping of :class:`str` to :class:`.FrameSource` or :class:`.Camera`
        By name; the first one is shown after a reset. At most one is a camera.
    family : :class:`str`
        Device family.
    clock : :class:`float`
        Frequency of ``sync``, in hertz: the pixel clock.
    buttons : :class:`int`
        How many there are.
    fill, stretch : :class:`int`
        Of the :class:`~.video.display.Display`, for a camera.
    inverted : :class:`bool`
        Of the :class:`~.recognition.Recogniser`, for a network.

    Members
    -------
    beam : :py:`Out(Beam)`
        The screen.
    rx : :py:`In(1)`, tx : :py:`Out(1)`
        UART.
    buttons : :py:`In(buttons)`
        1 while pressed.
    locked : :py:`Out(1)`
        The screen shows a picture.
    """

    beam: Any
    rx: Signal
    tx: Signal
    buttons: Signal
    locked: Signal

    def __init__(
        self, filter: Filter | Pipeline | PlannedNetwork, timing: Timing,
        sources: Mapping[str, FrameSource | Camera], *,
        family: str, clock: float, buttons: int, fill: int = 1, stretch: int = 0,
        inverted: bool = False,
    ) -> None:
        self._timing = timing
        self.sources = dict(sources)
        if isinstance(filter, PlannedNetwork):
            self._channels = self._output_channels = 3
            self.core: Any = Recogniser(
                filter, timing.width, timing.height, target=family, inverted=inverted)
            self.middle: Any = self.core
            self.split = 0
            self._registers = None
        else:
            demo_filter(filter, timing)
            self._channels, self._output_channels = (
                filter.channels, filter.output_format.channels)
            self.core = ControlledCore(filter, target=family)
            self.middle = self.core.core
            self.split = timing.width // 2
            self._registers = self.core.registers
        self.panel = ControlPanel(
            filter, default_choices(filter), list(sources), timing.width, clock, buttons=buttons,
            split=self.split)
        # The screen looks once a line whether it can start: for that long a camera's frame must
        # find room in the queue. Other sources wait while the screen is blank; then the queue feeds
        # it until pixels come again out of the core and what stands behind it.
        depth = fill + timing.width + 64 if stretch else max(
            32, self.middle.restart_cycles + 16)
        # Edges that are followed through lines leave row by row, with pauses in between: a picture
        # starts when a row is there.
        if isinstance(filter, Pipeline) and filter.whole is not None and filter.whole.lines:
            fill = max(fill, timing.width)
            depth = max(depth, fill + self.middle.restart_cycles + 16)
        self._display = Display(timing, depth=depth, fill=fill, stretch=stretch)
        receives: Any = In  # `init` is missing in amaranth-stubs 0.5.0
        sends: Any = Out
        super().__init__({
            "beam": Out(Beam()),
            "rx": receives(1, init=1),
            "tx": sends(1, init=1),
            "buttons": In(buttons),
            "locked": Out(1),
        })

    @property
    def behind(self) -> bool:
        """Whether the filtered picture is that of the frame before."""
        return bool(self.middle.late_cycles)

    @property
    def latency(self) -> int:
        """Cycles from a source's pixel to the same one on the screen, while nothing waits.

        The display's queue is full while the screen is blank, so that most of the time pixels wait
        in it as well; see :attr:`lines`.
        """
        luma = RGBToLuma.latency if self._channels == 1 else 0
        return luma + self.middle.latency + 1 + Display.latency

    @property
    def lines(self) -> float:
        """Lines of the screen from a source's pixel to the same one on the screen, at most, but for
        a source that waits while the screen is blank.

        In the display's full queue a pixel waits for all before it to be shown.
        """
        timing = self._timing
        return self.latency / timing.horizontal.total + self._display.depth / timing.width

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.panel = panel = self.panel
        m.submodules.select = select = SourceSelect(
            [isinstance(source, Camera) for source in self.sources.values()])
        m.submodules.split = split = SplitScreen(
            self._timing.width, _power_of_two(self.latency - self.middle.late_cycles + 16),
            behind=self.behind)
        m.submodules.display = display = self._display
        m.submodules.core = core = self.core
        m.d.comb += [
            panel.rx.eq(self.rx),
            self.tx.eq(panel.tx),
            panel.buttons.eq(self.buttons),
            select.select.eq(panel.source),
            display.live.eq(select.live),
            split.split.eq(panel.split),
            self.beam.eq(display.o),
            self.locked.eq(display.locked),
        ]
        if self._registers is not None:
            wiring.connect(m, panel.bus, core.bus)

        for number, (name, source) in enumerate(self.sources.items()):
            m.submodules[f"source_{name}"] = source
            if not isinstance(source, Camera):
                wiring.connect(m, source.o, select.i[number])
                continue
            # A camera's lines are about as long as the screen's.
            m.submodules.whole = whole = WholeFrames(
                self._timing.width, self._timing.height, 4 * self._timing.horizontal.total)
            wiring.connect(m, source.o, whole.i)
            wiring.connect(m, whole.o, select.i[number])
        wiring.connect(m, select.o, split.i)
        to_core, from_core = split.to_filter, split.from_filter
        if self._channels == 1:
            m.submodules.luma = luma = RGBToLuma()
            wiring.connect(m, to_core, luma.i)
            to_core = luma.o
        if self._output_channels == 1:
            m.submodules.colour = colour = GreyToRGB()
            wiring.connect(m, colour.o, from_core)
            from_core = colour.i
        wiring.connect(m, to_core, core.i)
        wiring.connect(m, core.o, from_core)
        wiring.connect(m, split.o, display.i)
        return m


def _power_of_two(least: int) -> int:
    """The next one: what a block RAM holds anyway."""
    return 1 << (least - 1).bit_length()
