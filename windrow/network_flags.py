"""A network on the command line: its file, whose arithmetic it has, and what it may take."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from windrow.filter_flags import FLAGS, filter_keys, make_design
from windrow.usage import UsageError, whole_number


if TYPE_CHECKING:
    from windrow import Filter, Pipeline
    from windrow.hdl.network.planning import NetworkPlan
    from windrow.model.network import Network

__all__ = ["add_network_flags", "is_network_file", "network_plan", "network_words",
           "read_design", "read_network"]

#: Files that hold a network. One in TOML or JSON has [[layer]].
SUFFIXES = (".onnx", ".tflite")

#: Files of frameworks, which are to be exported first.
OTHERS = (".pt", ".pth", ".h5", ".keras", ".pb", ".safetensors")

#: Here and not from the model, so that `--help` does not wait for numpy. A test compares them.
ARITHMETICS = "onnxruntime, tflite-reference, tflite-xnnpack or power-of-two"


BUDGETS = ("arithmetic", "multipliers", "cycles")


def add_network_flags(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add what networks alone have; return their group."""
    group = parser.add_argument_group("a network")
    group.add_argument("--arithmetic", metavar="NAME",
                       help=f"whose rounding is meant: {ARITHMETICS} (onnxruntime for .onnx, "
                            "tflite-xnnpack for .tflite)")
    group.add_argument("--multipliers", metavar="N",
                       help="products a clock, of all layers: the fastest way with at most so many "
                            "(those of the device's multipliers)")
    group.add_argument("--cycles", metavar="N",
                       help="clocks a frame: the fewest products with at most so many")
    return group


def is_network_file(name: str | None) -> bool:
    """Whether a file holds a network by its name alone."""
    return name is not None and Path(name).suffix.lower() in SUFFIXES


def read_design(args: argparse.Namespace, file: str | None) -> Filter | Pipeline | Network:
    """The design that a file and flags give.

    Raises
    ------
    :exc:`UsageError`
        If a flag cannot be read, or means nothing for such a design.
    :exc:`windrow.model.errors.InputError`
        If it is no design.
    """
    if file is not None and Path(file).suffix.lower() in OTHERS:
        raise UsageError(f"network file {file!r} must be .onnx or .tflite: docs/pytorch-keras.md "
                         "shows how PyTorch and Keras make one")
    keys = {} if is_network_file(file) else filter_keys(args, file)
    return read_network(args, file, keys) or make_design(keys)


def read_network(
    args: argparse.Namespace, file: str | None, keys: dict[str, Any]
) -> Network | None:
    """The network of a file, or of the keys of one with ``[[layer]]``; ``None``: it is no network.

    Raises
    ------
    :exc:`UsageError`
        If a flag means nothing for such a design.
    :exc:`windrow.model.errors.InputError`
        If it is no network that can be built.
    """
    if not is_network_file(file) and "layer" not in keys:
        for name in (*BUDGETS, "labels", "jobs"):
            if (value := getattr(args, name, None)) is not None:
                raise UsageError(f"{name} {str(value)!r} is for networks, in .onnx or .tflite or "
                                 "with [[layer]]: this design is none")
        return None
    refuse_flags(args, but=() if "layer" in keys else ("pixel",))
    from windrow import Network  # late: numpy comes with it

    if "layer" in keys:
        return Network.from_dict(keys if args.arithmetic is None else {
            **keys, "arithmetic": args.arithmetic})
    assert file is not None
    network = Network.read(file, args.arithmetic, args.key_pixel)
    for note in network.notes:
        print(f"windrow: {note}", file=sys.stderr)
    return network


def refuse_flags(args: argparse.Namespace, but: Sequence[str] = ()) -> None:
    """Refuse flags that mean nothing for a network, ``but`` some."""
    given: dict[str, Any] = {key.name: getattr(args, "key_" + key.name) for key in FLAGS
                             if key.name not in but}
    given |= {"size": args.size, "stage": args.stage or None}
    if getattr(args, "strategy", "auto") != "auto":
        given["strategy"] = args.strategy
    for name, value in given.items():
        if value is not None:
            shown = value[0] if isinstance(value, list) else value
            raise UsageError(f"{name} {shown!r} means nothing for a network, whose file says all: "
                             "it takes --arithmetic, --multipliers and --cycles")


def network_plan(
    args: argparse.Namespace, network: Network, target: str | None = None
) -> NetworkPlan:
    """How the network is built for a target, that of ``--target`` unless given, within the budgets.

    Raises
    ------
    :exc:`UsageError`
        If a budget is no number.
    :exc:`windrow.model.errors.InputError`
        If there is no such target, or a budget cannot be met.
    """
    from windrow.hdl.network.planning import plan_network
    from windrow.synth.network_budget import budget

    given = {name: None if (text := getattr(args, name)) is None else whole_number(name, text)
             for name in ("multipliers", "cycles")}
    available = budget(target or args.target)
    if given["multipliers"] is None and given["cycles"] is None:
        given["multipliers"] = available.multipliers
    return plan_network(network, **given, blocks=available.blocks,
                        block_products=available.block_products)


def network_words(args: argparse.Namespace) -> str:
    """What was given of a network beside its file, to be typed again."""
    return " ".join(f"--{name} {value}" for name in BUDGETS
                    if (value := getattr(args, name)) is not None)
