"""Random layers and networks in Verilog against ONNX Runtime, by seed.

    pytest -m "slow or not slow" tests/sim/test_network_sweep.py

runs 200 layers and 50 networks: of each the importer (of layers other than convolutions too), the
planner, the Verilog and its ports, first without a stall and then with some. Icarus runs them,
which starts at once, or Verilator where there is much to compute in a clock. Each test's name ends
with its seed; ``WINDROW_SWEEP_SEED`` (0) is the first, ``WINDROW_SWEEP_COUNT`` says how many of
both.
"""

import os
import random
import shutil
from collections.abc import Container, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from needed import needed
from random_networks import random_frames, random_layer
from runtimes import onnx_tensors, products_are_exact

from windrow.hdl import PlannedNetwork
from windrow.hdl.network.planning import NetworkPlan, plan_network
from windrow.model.network import Convolution, Network
from windrow.sim import ENGINES, Traffic
from windrow.sim.network import first_wrong_layer, layers_design, run_network


onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from onnx_nodes import convolved  # noqa: E402
from random_onnx import random_model, random_pool, random_transposed  # noqa: E402

from windrow.model.network.importers.onnx import trace  # noqa: E402


FIRST = int(os.environ.get("WINDROW_SWEEP_SEED", "0"))
MOST_CYCLES = 1000
MOST_PRODUCTS = 200_000
"""Of a frame."""
MOST_IN_ICARUS = 16
"""Products a clock that Icarus computes as soon as Verilator is built."""


def seeds(count: int, always: Container[int]) -> list[object]:
    """The seeds of a sweep; all but a few quick ones are slow."""
    last = FIRST + int(os.environ.get("WINDROW_SWEEP_COUNT", str(count)))
    return [seed if seed in always else pytest.param(seed, marks=pytest.mark.slow)
            for seed in range(FIRST, last)]


@pytest.fixture(scope="module", autouse=True)
def exact_products() -> None:
    if not products_are_exact():
        pytest.skip("ONNX Runtime clips sums of u8 and s8 products on this processor")


def check(network: Network, frames: npt.NDArray[np.int64],
          wanted: Mapping[str, npt.NDArray[np.int64]], seed: int) -> None:
    """Compare tensors of the hardware with those of the runtime, and its cycles with the plan."""
    rng = random.Random(seed)
    plan = planned(network, rng)
    design = PlannedNetwork(network, plan)
    core = layers_design(design)
    small = plan.products <= MOST_IN_ICARUS and shutil.which("iverilog")
    engine = "icarus" if small else "verilator"
    with needed():
        ENGINES[engine].require()
    # So many that frames come as fast as they can.
    many = frames[np.arange(4 + 2 * core.manifest["latency_cycles"] // plan.cycles) % len(frames)]
    for images, traffic in ((many, Traffic()), (frames, Traffic(
            stall=rng.choice([0.1, 0.3, 0.6]), seed=seed, gap=[rng.choice([0, 1, 50])],
            late=[rng.choice([0, 0, 9])], hold=[rng.choice([0, 0, 30])],
            reset_at=rng.choice([None, rng.randint(0, 3 * plan.cycles)]),
            reset_cycles=rng.choice([1, 2, 4])))):
        result = run_network(core, images, engine=engine, traffic=traffic, jobs=1)
        assert first_wrong_layer(design, images, result) is None, traffic
        found = {**result.taps, network.output: result.output}
        for name, tensor in wanted.items():
            right = tensor[np.arange(len(images)) % len(frames)]
            assert np.array_equal(found[name], right), (name, traffic)
        if not traffic.stall:
            assert result.cycles_per_frame == plan.cycles


def planned(network: Network, rng: random.Random) -> NetworkPlan:
    """A plan of any size, of few cycles."""
    count = sum(isinstance(layer, Convolution) for layer in network.layers)
    plan = plan_network(network, multipliers=max(1, count * rng.choice([1, 2, 4, 8, 30])))
    if plan.cycles > MOST_CYCLES:
        fastest = plan_network(network, multipliers=1 << 20)  # which may take more
        plan = plan_network(network, cycles=max(MOST_CYCLES, fastest.cycles))
    return plan


@pytest.mark.parametrize("seed", seeds(200, (7, 14)))
def test_any_layer(seed: int, tmp_path: Path) -> None:
    if seed % 10 < 7:
        number = seed
        while (layer := random_layer(number)).macs > MOST_PRODUCTS:
            number += 1_000_000
        network = Network(name="layer", input=layer.input, layers=(layer,),
                          arithmetic="onnxruntime")
        frames = random_frames(layer.input, 3, seed)
        check(network, frames, {"layer": convolved(layer, frames)}, seed)
        return
    check_file(random_transposed(seed) if seed % 10 == 7 else random_pool(seed), seed, tmp_path)


@pytest.mark.parametrize("seed", seeds(50, (4, 39)))
def test_any_network(seed: int, tmp_path: Path) -> None:
    check_file(random_model(seed), seed, tmp_path)


def check_file(model: object, seed: int, folder: Path) -> None:
    """Import a model, and check it against the runtime: its output, and every layer of it."""
    path = folder / "random.onnx"
    onnx.save(model, path)
    made = trace(path)
    source = made.network.input
    frames = random_frames(source, 3, seed)
    given = frames.astype(source.sample.dtype)
    if model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT:
        assert source.scale is not None
        given = ((frames - source.zero_point) * np.float64(source.scale)).astype(np.float32)
    whole = onnx_tensors(model, given)
    tensors = onnx_tensors(model, given, list(made.files.values()))
    (output,) = whole
    assert np.array_equal(whole[output], tensors[output])
    wanted = {name: integers(made.network, name, tensors[file])
              for name, file in made.files.items() if name in made.network.taps(frames)}
    last = integers(made.network, made.network.output, whole[output])
    assert np.array_equal(wanted.setdefault(made.network.output, last), last)
    check(made.network, frames, wanted, seed)


def integers(network: Network, name: str, array: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
    """A tensor of the runtime as frames of integers."""
    tensor = network.tensor(name)
    if array.dtype.kind == "f":
        array = np.rint(array.astype(np.float64) / (tensor.scale or 1)) + tensor.zero_point
    return array.astype(np.int64).reshape(-1, *tensor.shape)
