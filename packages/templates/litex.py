"""{{ name }} as a LiteX module.

{{ title }}
Made by windrow {{ version }}. In a SoC:

    self.filter = {{ class_name }}(platform)
    self.comb += [source.connect(self.filter.sink), self.filter.source.connect(sink)]
{% if control %}
    self.bus.add_slave("filter", self.filter.bus, SoCRegion(size=0x{{ "%x" % 2 ** registers.address_bits }}, cached=False))
    self.irq.add("filter")  # where there is a CPU
{% endif %}

``sink`` and ``source`` carry beats: ``data`` is tdata, ``user`` marks a frame's first beat, ``last``
a line's last one. ``first`` is not used.
"""

import os

from migen import ClockSignal, Instance, ResetSignal, Signal

from litex.gen import LiteXModule
from litex.soc.interconnect.axi import {% if control %}AXILiteInterface, {% endif %}AXIStreamInterface
{% if control %}
from litex.soc.interconnect.csr_eventmanager import EventManager, EventSourceLevel
{% endif %}


class {{ class_name }}(LiteXModule):
    """{{ title }}."""

    def __init__(self, platform, clock_domain="sys"{% if "s_axis_video_aclk" in widths %}, sink_clock_domain="sys"{% endif %}):
{% for side, bus in (("sink", streams[0]), ("source", streams[1])) %}
        self.{{ side }} = {{ side }} = AXIStreamInterface(
            data_width={{ widths[bus.ports["TDATA"]] }}, user_width=1, clock_domain={% if side == "sink" and "s_axis_video_aclk" in widths %}sink_clock_domain{% else %}clock_domain{% endif %})
{% endfor %}
        ports = {
            "i_aclk": ClockSignal(clock_domain),
            "i_aresetn": ~ResetSignal(clock_domain),
{% if "s_axis_video_aclk" in widths %}
            "i_s_axis_video_aclk": ClockSignal(sink_clock_domain),
{% endif %}
{% for side, bus in (("sink", streams[0]), ("source", streams[1])) %}
{% for signal, port in bus.ports.items() %}
            "{{ "i" if port in inputs else "o" }}_{{ port }}": {{ side }}.{{ signal[1:] | lower }},
{% endfor %}
{% endfor %}
        }
{% if "s_axis_video_overflow" in widths %}
        self.overflow = Signal()
        ports["o_s_axis_video_overflow"] = self.overflow
{% endif %}
{% if "TKEEP" not in streams[1].ports %}
        self.comb += source.keep.eq(2**len(source.keep) - 1)
{% endif %}
{% if control %}
        self.bus = bus = AXILiteInterface(
            data_width=32, address_width={{ registers.address_bits }}, addressing="byte", clock_domain=clock_domain)
        self.interrupt = Signal()
        ports["o_interrupt"] = self.interrupt
        # The core holds its interrupt until its event is cleared in the core.
        self.ev = EventManager()
        self.ev.core = EventSourceLevel()
        self.ev.finalize()
        self.comb += self.ev.core.trigger.eq(self.interrupt)
        ports |= {
{% for signal, port in control.ports.items() %}
{% set channel = signal[:2] | lower if signal[:2] in ("AW", "AR") else signal[0] | lower %}
{% set member = signal[channel | length:] | lower %}
{% if member != "prot" %}
            "{{ "i" if port in inputs else "o" }}_{{ port }}": bus.{{ channel }}.{{ member }},
{% else %}
            "i_{{ port }}": 0,
{% endif %}
{% endfor %}
        }
{% endif %}
        self.specials += Instance("{{ name }}", **ports)
        platform.add_source(os.path.join(os.path.dirname(os.path.abspath(__file__)), "{{ name }}.v"))
