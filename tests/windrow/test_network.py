"""The network that users meet."""

import numpy as np

from windrow import Network, layers


def test_hardware_within_a_budget() -> None:
    network = Network.from_layers(
        [layers.Conv2d(1, 4, 3, padding=1, weight=np.ones((4, 1, 3, 3), int), weight_scale=0.1,
                       output_scale=1.0), layers.ReLU(), layers.MaxPool2d(2)],
        channels=1, height=8, width=8, scale=1.0)
    assert network.create().cycles_per_frame == 8 * 8 * 9 * 4
    core = network.create(cycles=400, target="ecp5")
    assert core.cycles_per_frame <= 400
    assert len(core.i.payload.samples) == 1
