"""Timing constraints of the input FIFO, where signals go from one clock to the other."""

__all__ = ["constraints"]

# Registers that the other clock reads, and the synchroniser that reads them. The first two are Gray
# codes: all of their bits must arrive within a period.
_CROSSINGS = [
    ("fifo/queue/unbuffered/produce_w_gry", "fifo/queue/unbuffered/produce_cdc/stage0"),
    ("fifo/queue/unbuffered/consume_r_gry", "fifo/queue/unbuffered/consume_cdc/stage0"),
    ("fifo/told", "fifo/told_cdc/stage0"),
    ("fifo/resets/stage1", "fifo/told_cdc/stage0"),
    ("fifo/told_cdc/stage1", "fifo/known_cdc/stage0"),
]
# What the FIFO holds is read only when it has long been written.
_MEMORY = "fifo/queue/unbuffered/storage"
# Synchronisers of resets: put on at once, taken off on their own clock.
_RESETS = ["fifo/clears_cdc", "fifo/follows_cdc", "fifo/resets", "fifo/queue/unbuffered/rst_cdc"]


def constraints(name: str) -> dict[str, str]:
    """Constraints of a module with an input FIFO, by file name: for Vivado and for Quartus.

    Sources: AMD UG903, "Using Constraints", on ``set_max_delay -datapath_only``; Intel, "Timing
    Analyzer User Guide", on ``set_max_skew`` and ``set_net_delay``. Other tools that read SDC take
    other names for registers.
    """
    return {f"{name}.xdc": _xdc(name), f"{name}.sdc": _sdc(name)}


def _head(name: str, tool: str) -> str:
    return f"""\
# {tool}: the input FIFO of {name}, between s_axis_video_aclk and aclk.
# Both clocks are made elsewhere: create_clock is the design's, and so is the period here.
# The shorter period of the two, in ns.
set period 5.0
"""


def _xdc(name: str) -> str:
    def cells(path: str) -> str:
        return f'[get_cells -hierarchical -filter {{NAME =~ "*{path}_reg*"}}]'

    text = _head(name, f"Vivado (read_xdc {name}.xdc, or read_xdc -ref {name} {name}.xdc)")
    text += "".join(f"set_max_delay -datapath_only $period \\\n  -from {cells(source)} \\\n"
                    f"  -to {cells(sink)}\n" for source, sink in _CROSSINGS)
    text += "# In block RAM there is no such path.\n"
    text += f"set_max_delay -quiet -datapath_only $period -from {cells(_MEMORY)}\n"
    return text + "".join(
        f'set_false_path -to [get_pins -hierarchical -filter {{NAME =~ "*{path}/stage*_reg*/PRE"}}]'
        "\n" for path in _RESETS)


def _sdc(name: str) -> str:
    def registers(path: str) -> str:
        return f"[get_registers {{*{path.replace('/', '|')}*}}]"

    text = _head(name, "Quartus")
    for source, sink in _CROSSINGS:
        ends = f"-from {registers(source)} -to {registers(sink)}"
        text += f"set_false_path {ends}\nset_net_delay -max $period {ends}\n"
        if source.endswith("_gry"):
            text += f"set_max_skew $period {ends}\n"
    text += f"set_false_path -from [get_keepers {{*{_MEMORY.replace('/', '|')}*}}]\n"
    return text + "".join(f"set_false_path -to {registers(path + '/stage')}\n" for path in _RESETS)
