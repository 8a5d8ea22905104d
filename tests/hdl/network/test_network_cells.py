"""A network's Verilog with the memories and multipliers of each family, in Verilator."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from device_bench import models
from needed import needed
from random_networks import random_frames

import windrow.hdl
from windrow.hdl.network.planned import PlannedNetwork
from windrow.hdl.network.planning import plan_network
from windrow.model import Sample
from windrow.model.network import INPUT, Convolution, FloatRequantiser, Layer, Network, Pool, Tensor
from windrow.sim import ENGINES, Traffic
from windrow.sim.network import simulate_network


def network() -> Network:
    """A convolution, a pool and a layer that reads the whole frame."""
    random = np.random.default_rng(2)
    u8 = Sample.parse("u8")
    source = Tensor(3, 9, 8, u8, 1.0, 7)
    layers: list[Layer] = []

    def convolution(name: str, count: int, kernel: tuple[int, int], **keys: Any) -> None:
        above = layers[-1].output if layers else source
        layers.append(Convolution(
            name=name, inputs=(layers[-1].name if layers else INPUT,), sources=(above,),
            weights=random.integers(-128, 128, (count, above.channels, *kernel)),
            requantiser=FloatRequantiser(
                sample=u8, zero_point=3, scale=1.0,
                scales=tuple(2.0 ** -random.uniform(8, 10, count))), **keys))

    convolution("first", 4, (3, 3), pads=(1, 1, 1, 1), padding_mode="reflect")
    layers.append(Pool(name="pool", inputs=("first",), sources=(layers[-1].output,), kind="max",
                       kernel=(2, 2), stride=(2, 2)))
    convolution("last", 10, (4, 4))
    return Network(name="small", input=source, layers=tuple(layers), arithmetic="onnxruntime")


@pytest.mark.parametrize("family", [
    "ecp5", *(pytest.param(each, marks=pytest.mark.slow) for each in ("ice40", "gowin"))])
def test_cells(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with needed():
        ENGINES["verilator"].require()
    build, cells = windrow.hdl.build, models(family, carries=True)

    def with_cells(*args: Any, **keys: Any) -> Any:
        made = build(*args, **keys)
        return replace(made, verilog=made.verilog + cells)

    monkeypatch.setattr(windrow.hdl, "build", with_cells)
    design = network()
    plan = plan_network(design, multipliers=16, blocks=6)
    frames = random_frames(design.input, 6, 1)
    result = simulate_network(PlannedNetwork(design, plan), frames, target=family, jobs=1,
                              traffic=Traffic(stall=0.2, seed=3))
    wanted = design.taps(frames)
    for name, got in result.taps.items():
        np.testing.assert_array_equal(got, wanted[name], err_msg=name)
    np.testing.assert_array_equal(result.output, wanted["last"])
