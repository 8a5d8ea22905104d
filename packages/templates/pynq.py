"""{{ name }} in a PYNQ overlay: ``overlay.{{ name }}_0.load_kernel(...)``.

{{ title }}
Made by windrow {{ version }}. PYNQ binds the class by the core's name in the IP catalogue, as
{{ name }}_vivado.tcl or the package ip-xact gives it. {{ name }}_driver.py goes beside it.
"""

from pynq import DefaultIP

from {{ name }}_driver import Core


class {{ class_name }}IP(DefaultIP, Core):
    """The core's settings, on PYNQ's way to the registers."""

    bindto = ["{{ bound }}"]

    def __init__(self, description: dict) -> None:
        super().__init__(description=description)
        self.check()

    def read(self, offset: int = 0) -> int:
        return int(self.mmio.read(offset))

    def write(self, offset: int, value: int) -> None:
        self.mmio.write(offset, value)
