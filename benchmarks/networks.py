"""How fast and how small networks are: builds every row of a table for its device.

    .venv/bin/python benchmarks/mnist.py -o models          # makes the ONNX file
    .venv/bin/python benchmarks/networks.py models [--only mnist-up5k resnet-8] [--seeds 3]

``models`` also holds MLPerf Tiny's int8 files as its reference repository has them
(github.com/mlcommons/tiny, Apache-2.0); a row whose file is missing is left out. Writes
docs/network_benchmarks.json and the table in docs/networks.md, the other rows as they were. Logs
and reports of a row stay in out/networks/NAME; a seed that is there is not built again. Ends with
status 1 where a row misses what is wanted of it.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from windrow import Network
from windrow.hdl import PlannedNetwork, build
from windrow.hdl.network.planning import plan_network
from windrow.sim import tools
from windrow.synth import TARGETS, Outcome, target
from windrow.synth.flow import make_netlist, place_and_route, programs
from windrow.synth.harness import harness
from windrow.synth.network_budget import budget
from windrow.synth.outcome import harness_luts, placement, usage
from windrow.synth.targets import CORE


ROOT = Path(__file__).resolve().parents[1]
JSON = ROOT / "docs" / "network_benchmarks.json"
MARKDOWN = ROOT / "docs" / "networks.md"
BEGIN, END = "<!-- benchmarks/networks.py: begin -->", "<!-- benchmarks/networks.py: end -->"
BUILDS = ROOT / "out" / "networks"

MNIST = "mnist_QOperator_u8s8_per-channel.onnx"
RESNET = "pretrainedResnet_quant.tflite"

# What these rows were built with. ResNet-8 with all multipliers is routed by router2 alone.
HEAP, ROUTER2 = "--placer=heap", "--router=router2"


@dataclass(frozen=True)
class Row:
    """One build, and what is wanted of it: cycles a frame at most, a clock in MHz, frames a second.
    """

    name: str
    network: str
    file: str
    target: str
    multipliers: int
    cycles: int = 0
    clock: float = 0.0
    frames: float = 0.0
    arguments: tuple[str, ...] = ()  # of nextpnr, in place of the device's or beside them


ROWS = (
    Row("mnist-up5k", "MNIST of ONNX's model zoo", MNIST, "up5k", 16, cycles=62_720, clock=25),
    Row("mnist-25k", "MNIST", MNIST, "ecp5-25k", 28, cycles=31_360, clock=120,
        arguments=(HEAP,)),
    Row("mnist-gw2a-18", "MNIST", MNIST, "gw2a-18", 28),
    Row("resnet-8", "ResNet-8 (MLPerf Tiny)", RESNET, "ecp5-85k", 78, frames=400,
        arguments=(HEAP,)),
    Row("resnet-8-all", "ResNet-8", RESNET, "ecp5-85k", 156, arguments=(HEAP, ROUTER2)),
    Row("ds-cnn", "DS-CNN (MLPerf Tiny)", "kws_ref_model.tflite", "ecp5-85k", 56, cycles=64_000,
        arguments=(HEAP,)),
    Row("autoencoder", "autoencoder (MLPerf Tiny)", "ad01_int8.tflite", "ecp5-85k", 34,
        arguments=(HEAP,)),
)

BY_NAME = {row.name: row for row in ROWS}


def planned(row: Row, models: Path) -> PlannedNetwork:
    """The network of a row, folded for its device."""
    network = Network.read(models / row.file)
    device = budget(row.target)
    return PlannedNetwork(network, plan_network(
        network, multipliers=row.multipliers, blocks=device.blocks,
        block_products=device.block_products))


def measure(row: Row, models: Path, seeds: int) -> dict[str, Any]:
    """Build a row, and return what is kept of it. Seeds of the same Verilog are read."""
    device, folder = target(row.target), BUILDS / row.name
    device = device.with_arguments(*row.arguments)
    paths = programs(device)
    design = planned(row, models)
    folder.mkdir(parents=True, exist_ok=True)
    built = build(design, CORE, target=device.components)
    made_of = folder / "made_of.txt"
    what = sha256(f"{device}{built.verilog}".encode()).hexdigest()
    if not made_of.exists() or made_of.read_text() != what:
        for path in folder.iterdir():
            path.unlink()
        (folder / f"{CORE}.v").write_text(built.verilog)
        (folder / "harness.v").write_text(harness(built.manifest))
        print("  yosys", file=sys.stderr, flush=True)
        make_netlist(device, folder)
        made_of.write_text(what)
    reports = []
    for seed in range(1, seeds + 1):
        report = folder / f"seed_{seed}.json"
        if not report.exists():
            print(f"  {device.router}, seed {seed}", file=sys.stderr, flush=True)
            place_and_route(paths[device.router], device, folder, seed,
                            keep=not (folder / "routed.json").exists())
        reports.append(json.loads(report.read_text()))
    netlist, routed = (json.loads((folder / f"{name}.json").read_text())
                       for name in ("netlist", "routed"))
    harness_count = harness_luts(netlist, routed, device)
    return record(design, Outcome(
        design=design, target=device, strategy="", folder=folder, harness_luts=harness_count,
        usage=usage(netlist, reports[0], harness_count, device),
        placements=tuple(placement(seed, each, device) for seed, each in enumerate(reports, 1)),
        versions={name: tools.synthesis_version(name) or "unknown" for name in paths}))


def record(design: PlannedNetwork, outcome: Outcome) -> dict[str, Any]:
    """What is kept of a build: no times and no paths."""
    plan, fmax = design.plan, outcome.fmax
    return {
        "cycles": plan.cycles, "products": plan.products,
        "ideal": round(design.network.macs / plan.products / plan.cycles, 3),
        "luts": outcome.usage.luts, "flip_flops": outcome.usage.flip_flops,
        "rams": outcome.usage.rams, "dsps": outcome.usage.dsps,
        "fmax": None if fmax is None else round(fmax, 1),
        "fmax_of_seeds": [round(value, 1) for value in outcome.fmax_values],
        "frames": None if fmax is None else round(fmax * 1e6 / plan.cycles, 1),
        "critical_path": None if outcome.typical.path is None else str(outcome.typical.path),
        "tools": dict(outcome.versions),
    }


def missed(row: Row, figures: Mapping[str, Any]) -> list[str]:
    """What a row was wanted to reach and did not."""
    texts = []
    if row.cycles and figures["cycles"] > row.cycles:
        texts.append(f"{figures['cycles']} cycles, wanted {row.cycles}")
    for name, least in (("fmax", row.clock), ("frames", row.frames)):
        if least and (figures[name] or 0) < least:
            texts.append(f"{name} {figures[name]}, wanted {least:g}")
    return texts


def table(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The Markdown table."""
    lines = ["| network | device | cycles a frame | products | share of ideal | LUTs | RAMs "
             "| multipliers | clock, MHz | frames a second |",
             "|---|---|--:|--:|--:|--:|--:|--:|---|--:|"]
    for row in ROWS:
        if row.name not in found:
            continue
        figures = found[row.name]
        seeds = figures["fmax_of_seeds"]
        clock = "not known" if not seeds else f"{figures['fmax']:.1f}" + (
            f" [{min(seeds):.1f}..{max(seeds):.1f}]" if len(seeds) > 1 else "")
        cells = (row.network, TARGETS[row.target].device, f"{figures['cycles']:,}",
                 figures["products"], f"{figures['ideal']:.0%}", figures["luts"], figures["rams"],
                 figures["dsps"], clock, figures["frames"] or "")
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def main() -> int:
    """Build rows and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("models", type=Path)
    parser.add_argument("--only", nargs="*", choices=[*BY_NAME], metavar="NAME")
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    found: dict[str, Any] = {}
    for row in ROWS:
        if (args.only is None or row.name in args.only) and (args.models / row.file).exists():
            print(row.name, file=sys.stderr)
            found[row.name] = measure(row, args.models, args.seeds)
    # What others found meanwhile stays.
    found = (json.loads(JSON.read_text()) if JSON.exists() else {}) | found
    found = {row.name: found[row.name] for row in ROWS if row.name in found}
    JSON.write_text(json.dumps(found, indent=1) + "\n")
    before, _, rest = MARKDOWN.read_text().partition(BEGIN)
    MARKDOWN.write_text(f"{before}{BEGIN}\n{table(found)}\n{END}{rest.partition(END)[2]}")
    wrong = {name: texts for name, figures in found.items()
             if (texts := missed(BY_NAME[name], figures))}
    for name, texts in wrong.items():
        print(f"{name}: {'; '.join(texts)}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
