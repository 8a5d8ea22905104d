"""What there is to see of a design, as one page of HTML.

:func:`make_report` finds out everything about a design, and with a picture also what that becomes.
Its value, a :class:`Report`, has the views one by one (:attr:`Report.sections`, HTML and plots as
data) and the whole page (:meth:`Report.html`: one file, which asks for no other).

Of a network it is :func:`make_network_report`.

:mod:`.structure` draws the block diagram, :mod:`.kernels` kernels and their responses,
:mod:`.pictures` pictures, :mod:`.borders` and :mod:`.timing` when and where samples are taken,
:mod:`.resources` devices. :mod:`.page` puts them together.
"""

from windrow.reports.network import NetworkReport, make_network_report
from windrow.reports.report import Report, make_report
from windrow.reports.section import Section
from windrow.reports.simulation import Simulation


__all__ = ["NetworkReport", "Report", "Section", "Simulation", "make_network_report", "make_report"]
