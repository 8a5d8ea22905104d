"""Clocks of a picture: from a board's oscillator to the pixel clock, and what belongs to it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from amaranth import *
from amaranth.lib import io
from amaranth.lib.cdc import ResetSynchronizer

from ..model import InputError
from .video.timing import Timing


__all__ = ["CLOCKS", "Clocks", "ECP5Clocks", "GowinClocks", "ICE40Clocks"]

SHIFT = 5
"""Cycles of the domain ``shift`` in one of ``sync``: see :mod:`.video.serialiser`."""


class Clocks(Elaboratable):
    """Drives the domain ``sync`` with a timing's pixel clock, made of a board's oscillator.

    Where there is a serialiser, also the domain ``shift``, five times as fast, from the same PLL.
    Both are defined by whoever uses them. They are in reset until the PLL has locked. Place and
    route knows their frequencies from the PLL's parameters.

    Parameters
    ----------
    pin : I/O port
        The oscillator's.
    reference : :class:`float`
        Its frequency, in hertz.
    timing : :class:`~.video.timing.Timing`
        What is wanted.
    shift : :class:`bool`
        Whether there is a serialiser.
    camera : :class:`float`, optional
        Highest frequency of a clock for a camera, in hertz. Where one is wanted, it comes as near
        to that as the pixel clock's tolerance lets it.

    Attributes
    ----------
    frequency : :class:`float`
        The pixel clock that is reached, in hertz: the nearest to the timing's that there is.
    camera_frequency : :class:`float`
        That of the camera's clock, or 0.
    camera : :class:`Signal`
        The camera's clock.

    Raises
    ------
    :exc:`InputError`
        If none is near enough for a monitor (:meth:`.Timing.accepts`), or the device family has no
        clock for a camera.
    """

    frequency: float
    camera_frequency: float
    has_camera_clock: ClassVar[bool] = False

    _PHASE_DETECTOR: ClassVar[tuple[float, float]]
    """Least and greatest frequency of the PLL's phase detector, in hertz."""

    def __init__(
        self, pin: Any, reference: float, timing: Timing, *, shift: bool,
        camera: float | None = None,
    ) -> None:
        if camera is not None and not self.has_camera_clock:
            raise InputError("source 'camera': this device family has no clock for it yet")
        self._pin = pin
        self._reference = reference
        self._shift = shift
        self._most = camera
        found = [each for each in self._settings() if timing.accepts(each.frequency)]
        if not found:
            raise InputError(f"no PLL setting makes {timing}'s {timing.pixel_clock / 1e6:g} MHz of "
                             f"{reference / 1e6:g} MHz")
        self._chosen = min(found, key=lambda each: (
            -self._camera_clock(each), abs(each.frequency - timing.pixel_clock)))
        self.frequency = self._chosen.frequency
        self.camera_frequency = self._camera_clock(self._chosen)
        self.camera = Signal()

    def _camera_clock(self, setting: Any) -> float:
        """The camera's clock with a setting, or 0."""
        return 0

    def _settings(self) -> Iterator[Any]:
        """All that the PLL can do, each with its pixel clock as ``frequency``."""
        raise NotImplementedError

    def _phases(self, most: int) -> Iterator[tuple[int, float]]:
        """Each divider before the phase detector, up to ``most``, with the frequency there."""
        low, high = self._PHASE_DETECTOR
        for before in range(1, most + 1):
            if low <= self._reference / before <= high:
                yield before, self._reference / before

    def _pll(
        self, m: Module, platform: Any, reference: Signal
    ) -> tuple[Signal, Signal, Signal]:
        """Add the PLL; return the pixel clock, the shift clock, and whether both are there."""
        raise NotImplementedError

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        reference = Signal()
        self._take(m, reference)
        pixel, shift, locked = self._pll(m, platform, reference)
        m.d.comb += ClockSignal("sync").eq(pixel)
        m.submodules.sync_reset = ResetSynchronizer(~locked, domain="sync")
        if self._shift:
            m.d.comb += ClockSignal("shift").eq(shift)
            m.submodules.shift_reset = ResetSynchronizer(~locked, domain="shift")
        return m

    def _take(self, m: Module, reference: Signal) -> None:
        """The oscillator, off its pin."""
        m.submodules.pin = buffer = io.Buffer(io.Direction.Input, self._pin)
        m.d.comb += reference.eq(buffer.i)


@dataclass(frozen=True)
class _ECP5Setting:
    """Dividers of an EHXPLLL: the VCO runs at ``reference / before * feedback * primary``."""

    frequency: float
    before: int
    feedback: int
    primary: int
    shift: int

    @property
    def vco(self) -> float:
        """In hertz."""
        return self.frequency * SHIFT * self.shift


class ECP5Clocks(Clocks):
    """An EHXPLLL. Its primary output, which is fed back, is used for nothing else, so that there
    are more frequencies to choose from.

    Source: Lattice FPGA-TN-02200, "ECP5 and ECP5-5G sysCLOCK PLL/DLL Design and Usage Guide", and
    FPGA-DS-02012, "ECP5 and ECP5-5G Family Data Sheet", table 3.28.
    """

    _PHASE_DETECTOR = (3.125e6, 400e6)
    _VCO = (400e6, 800e6)
    _OUTPUT = 400e6
    _MOST = 128  # of every divider

    has_camera_clock = True

    def _camera_clock(self, setting: _ECP5Setting) -> float:
        return setting.vco / self._camera_divider(setting) if self._most else 0

    def _camera_divider(self, setting: _ECP5Setting) -> int:
        assert self._most is not None
        # A rounding error more than the most is no more.
        return math.ceil(setting.vco / self._most - 1e-9)

    def _settings(self) -> Iterator[_ECP5Setting]:
        low, high = self._VCO
        for before, phase in self._phases(self._MOST):
            for times in range(-(-int(low) // int(phase)), int(high / phase) + 1):
                vco = phase * times
                # The fastest primary output that there is, for the least jitter.
                primary = next((each for each in range(2, self._MOST + 1)
                                if not times % each and times // each <= 80
                                and vco / each <= self._OUTPUT), None)
                if primary is None or not low <= vco <= high:
                    continue
                for shift in range(1, self._MOST // SHIFT + 1):
                    if vco / shift <= self._OUTPUT:
                        yield _ECP5Setting(vco / shift / SHIFT, before, times // primary, primary,
                                           shift)

    def _pll(
        self, m: Module, platform: Any, reference: Signal
    ) -> tuple[Signal, Signal, Signal]:
        chosen: _ECP5Setting = self._chosen
        primary, locked = Signal(name="primary"), Signal(name="locked")
        shift, pixel = Signal(name="shift"), Signal(name="pixel")
        outputs = {"CLKOP": chosen.primary, "CLKOS": chosen.shift, "CLKOS2": SHIFT * chosen.shift}
        if self._most:
            outputs["CLKOS3"] = self._camera_divider(chosen)
        parameters: dict[str, Any] = {}
        for name, divider in outputs.items():
            parameters |= {
                f"p_{name}_ENABLE": "ENABLED",
                f"p_{name}_DIV": divider,
                f"p_{name}_CPHASE": divider - 1,
                f"p_{name}_FPHASE": 0,
            }
        m.submodules.pll = Instance(
            "EHXPLLL",
            # Without these nextpnr takes the loop filter's defaults, which are not for 25 MHz.
            a_ICP_CURRENT="12", a_LPF_RESISTOR="8", a_MFG_ENABLE_FILTEROPAMP="1",
            a_MFG_GMCREF_SEL="2",
            p_CLKI_DIV=chosen.before, p_CLKFB_DIV=chosen.feedback, p_FEEDBK_PATH="CLKOP",
            p_PLLRST_ENA="DISABLED", p_STDBY_ENABLE="DISABLED", p_DPHASE_SOURCE="DISABLED",
            p_INTFB_WAKE="DISABLED", p_OUTDIVIDER_MUXA="DIVA", p_OUTDIVIDER_MUXB="DIVB",
            p_OUTDIVIDER_MUXC="DIVC", p_OUTDIVIDER_MUXD="DIVD", **parameters,
            i_CLKI=reference, i_CLKFB=primary, i_RST=Const(0), i_STDBY=Const(0),
            i_PHASESEL0=Const(0), i_PHASESEL1=Const(0), i_PHASEDIR=Const(1), i_PHASESTEP=Const(1),
            i_PHASELOADREG=Const(1), i_PLLWAKESYNC=Const(0), i_ENCLKOP=Const(0),
            o_CLKOP=primary, o_CLKOS=shift, o_CLKOS2=pixel, o_LOCK=locked,
            **({"o_CLKOS3": self.camera} if self._most else {}))
        return pixel, shift, locked


@dataclass(frozen=True)
class _GowinSetting:
    """Of an rPLL: ``reference / before * feedback``, whose VCO is ``times`` as fast."""

    frequency: float
    before: int
    feedback: int
    times: int


class GowinClocks(Clocks):
    """An rPLL at five times the pixel clock, and a CLKDIV behind it.

    Source: Gowin UG286, "Gowin Clock User Guide"; the ranges are GW1NR-9's, DS117, table 3-24, and
    those of GW2AR-18, DS226, hold them.
    """

    _PHASE_DETECTOR = (3e6, 400e6)
    _VCO = (500e6, 1200e6)
    _TIMES = (2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128)
    _MOST = 64

    def _settings(self) -> Iterator[_GowinSetting]:
        for before, phase in self._phases(self._MOST):
            for feedback in range(1, self._MOST + 1):
                times = next((each for each in self._TIMES
                              if self._VCO[0] <= phase * feedback * each <= self._VCO[1]), None)
                if times is not None:
                    yield _GowinSetting(phase * feedback / SHIFT, before, feedback, times)

    def _pll(
        self, m: Module, platform: Any, reference: Signal
    ) -> tuple[Signal, Signal, Signal]:
        chosen: _GowinSetting = self._chosen
        shift, pixel = Signal(name="shift"), Signal(name="pixel")
        locked = Signal(name="locked")
        m.submodules.pll = Instance(
            "rPLL", p_DEVICE=platform.family, p_FCLKIN=f"{self._reference / 1e6:g}",
            p_IDIV_SEL=chosen.before - 1, p_FBDIV_SEL=chosen.feedback - 1, p_ODIV_SEL=chosen.times,
            p_CLKFB_SEL="internal", p_DYN_IDIV_SEL="false", p_DYN_FBDIV_SEL="false",
            p_DYN_ODIV_SEL="false", p_DYN_DA_EN="false", p_PSDA_SEL="0000", p_DUTYDA_SEL="1000",
            p_CLKOUT_FT_DIR=Const(1, 1), p_CLKOUTP_FT_DIR=Const(1, 1), p_CLKOUT_DLY_STEP=0,
            p_CLKOUTP_DLY_STEP=0, p_CLKOUTD3_SRC="CLKOUT", p_CLKOUTD_SRC="CLKOUT",
            p_CLKOUT_BYPASS="false", p_CLKOUTP_BYPASS="false", p_CLKOUTD_BYPASS="false",
            p_DYN_SDIV_SEL=2,
            i_CLKIN=reference, i_CLKFB=Const(0), i_RESET=Const(0), i_RESET_P=Const(0),
            i_FBDSEL=Const(0, 6), i_IDSEL=Const(0, 6), i_ODSEL=Const(0, 6), i_PSDA=Const(0, 4),
            i_DUTYDA=Const(0, 4), i_FDLY=Const(0, 4), o_CLKOUT=shift, o_LOCK=locked)
        m.submodules.divider = Instance(
            "CLKDIV", p_DIV_MODE=str(SHIFT), p_GSREN="false",
            i_HCLKIN=shift, i_RESETN=locked, i_CALIB=Const(0), o_CLKOUT=pixel)
        return pixel, shift, locked


@dataclass(frozen=True)
class _ICE40Setting:
    """Dividers of an SB_PLL40 with simple feedback."""

    frequency: float
    before: int
    feedback: int
    power: int


class ICE40Clocks(Clocks):
    """An SB_PLL40_PAD, which has the oscillator's pin for itself. It makes no shift clock.

    Source: Lattice FPGA-TN-02052, "iCE40 sysCLOCK PLL Design and Usage Guide".
    """

    _PHASE_DETECTOR = (10e6, 133e6)
    _VCO = (533e6, 1066e6)

    def _settings(self) -> Iterator[_ICE40Setting]:
        for before, phase in self._phases(16):
            for feedback in range(1, 129):
                if self._VCO[0] <= phase * feedback <= self._VCO[1]:
                    for power in range(1, 7):
                        yield _ICE40Setting(phase * feedback / (1 << power), before, feedback,
                                            power)

    def _take(self, m: Module, reference: Signal) -> None:
        """Nothing: the PLL is the pin's buffer."""

    def _pll(
        self, m: Module, platform: Any, reference: Signal
    ) -> tuple[Signal, Signal, Signal]:
        chosen: _ICE40Setting = self._chosen
        pixel, locked = Signal(name="pixel"), Signal(name="locked")
        phase = self._reference / chosen.before
        m.submodules.pll = Instance(
            "SB_PLL40_PAD", p_FEEDBACK_PATH="SIMPLE",
            p_DIVR=Const(chosen.before - 1, 4), p_DIVF=Const(chosen.feedback - 1, 7),
            p_DIVQ=Const(chosen.power, 3), p_FILTER_RANGE=Const(self._filter_range(phase), 3),
            i_PACKAGEPIN=self._pin.io, i_RESETB=Const(1), i_BYPASS=Const(0),
            o_PLLOUTGLOBAL=pixel, o_LOCK=locked)
        return pixel, Signal(), locked

    @staticmethod
    def _filter_range(phase: float) -> int:
        """Setting of the loop filter for a phase detector's frequency."""
        limits = (17e6, 26e6, 44e6, 66e6, 101e6)
        return 1 + sum(phase >= limit for limit in limits)


CLOCKS: dict[str, type[Clocks]] = {
    "ecp5": ECP5Clocks,
    "gowin": GowinClocks,
    "ice40": ICE40Clocks,
}
"""By device family."""
