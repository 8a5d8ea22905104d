"""`windrow targets`: the devices and device families that Verilog is made for."""

import argparse

from windrow.console import Table, show
from windrow.parser import Commands, add_command


__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    add_command(
        commands, "targets", run,
        summary="list the devices and device families of --target",
        description="List the devices that `windrow synth` and `windrow plan` know, with what each "
                    "of them has, the families whose size alone `windrow synth` finds, and the "
                    "families that `windrow generate` and `windrow plan` "
                    "take.",
        examples=("windrow targets", "windrow targets --json"),
    )


def run(args: argparse.Namespace) -> int:
    """Print the tables."""
    from windrow.hdl.devices import DEVICES  # late: Amaranth comes with them
    from windrow.synth.area import AREAS
    from windrow.synth.targets import TARGETS

    resources = ("luts", "flip_flops", "rams", "large_rams", "dsps")
    show(args, {
        "devices": [{"name": each.name, "family": each.family, "device": each.device,
                     **{name: each.capacity[name] for name in resources}}
                    for each in TARGETS.values()],
        "areas": [{"name": each.name, "device": each.device} for each in AREAS.values()],
        "families": [{"name": each.name, "description": each.description}
                     for each in DEVICES.values()],
    }, [
        Table(("device", "part", "LUTs", "RAMs", "DSPs"), [
            (each.name, each.device, *(str(each.capacity[name])
                                       for name in ("luts", "rams", "dsps")))
            for each in TARGETS.values()]),
        Table(("size alone", "what it stands for"), [
            (each.name, each.device) for each in AREAS.values()]),
        Table(("family", "what it stands for"), [
            (each.name, each.description) for each in DEVICES.values()]),
        "For AMD, Intel and all other parts use the family generic.",
    ])
    return 0
