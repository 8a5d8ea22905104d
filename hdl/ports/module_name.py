"""Names that the top module may have."""

import re
import unicodedata

from ...model import InputError
from ...model.errors import shorten


__all__ = ["check_name", "legal_name"]

# IEEE 1800-2017, annex B: what no Verilog or SystemVerilog tool takes as a module's name.
_KEYWORDS = """
    accept_on alias always always_comb always_ff always_latch and assert assign assume automatic
    before begin bind bins binsof bit break buf bufif0 bufif1 byte case casex casez cell chandle
    checker class clocking cmos config const constraint context continue cover covergroup
    coverpoint cross deassign default defparam design disable dist do edge else end endcase
    endchecker endclass endclocking endconfig endfunction endgenerate endgroup endinterface
    endmodule endpackage endprimitive endprogram endproperty endsequence endspecify endtable
    endtask enum event eventually expect export extends extern final first_match for force foreach
    forever fork forkjoin function generate genvar global highz0 highz1 if iff ifnone ignore_bins
    illegal_bins implements implies import incdir include initial inout input inside instance int
    integer interconnect interface intersect join join_any join_none large let liblist library
    local localparam logic longint macromodule matches medium modport module nand negedge nettype
    new nexttime nmos nor noshowcancelled not notif0 notif1 null or output package packed parameter
    pmos posedge primitive priority program property protected pull0 pull1 pulldown pullup
    pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase randsequence rcmos real realtime
    ref reg reject_on release repeat restrict return rnmos rpmos rtran rtranif0 rtranif1 s_always
    s_eventually s_nexttime s_until s_until_with scalared sequence shortint shortreal showcancelled
    signed small soft solve specify specparam static string strong strong0 strong1 struct super
    supply0 supply1 sync_accept_on sync_reject_on table tagged task this throughout time
    timeprecision timeunit tran tranif0 tranif1 tri tri0 tri1 triand trior trireg type typedef union
    unique unique0 unsigned until until_with untyped use uwire var vectored virtual void wait
    wait_order wand weak weak0 weak1 while wildcard wire with within wor xnor xor
"""

# Headers of C17's library, annex B: of such a name, the driver NAME.h would stand in for one.
_C_HEADERS = """
    assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign
    stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar
    wchar wctype
"""


#: The greatest length of a name: file systems take 255 characters with what follows it.
LONGEST_NAME = 200

# The module's ports, or what they begin with.
_PORTS = re.compile(r"aclk|aresetn|interrupt|[sm]_axis_video_\w+|s_axi_ctrl_\w+")


def check_name(name: str, *, has_driver: bool) -> None:
    """Refuse what cannot name the top module and its files.

    Parameters
    ----------
    name : :class:`str`
        The name.
    has_driver : :class:`bool`
        A C driver ``name.h`` comes with it.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If it cannot.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or len(name) > LONGEST_NAME:
        raise InputError(
            f"name: {shorten(name)} cannot name a Verilog module: letters, digits and underscores "
            f"only, no digit first, and at most {LONGEST_NAME} of them")
    for taken, what in (
        (name in _KEYWORDS.split(), "a Verilog keyword"),
        (name == "std", "SystemVerilog's own package"),
        (_PORTS.fullmatch(name), "the name of a port"),
        (has_driver and name in _C_HEADERS.split(),
         f"a header of C, which {name}.h would replace,"),
    ):
        if taken:
            raise InputError(f"name: {name!r} is {what} and cannot name a module; "
                             f"make it longer, as in {name}_filter")


def legal_name(text: str) -> str:
    """Return the nearest name that a module may have; empty where no letter or digit is left."""
    # A letter with an accent keeps its letter.
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"\W", "_", letters)[: LONGEST_NAME // 2]
    if not name.strip("_"):
        return ""
    name = re.sub(r"^(?=\d)", "_", name)
    try:
        check_name(name, has_driver=True)
    except InputError:
        return f"{name}_filter"
    return name
