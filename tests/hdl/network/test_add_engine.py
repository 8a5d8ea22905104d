"""Sums of two tensors at work, where their form is more than a line: ties and exceptions."""

import numpy as np
import pytest
from network_bench import run

from windrow.hdl.network.planning import plan_network
from windrow.model import Sample
from windrow.model.network import Add, Network, OnnxAdd, Table, Tensor


U8, S8 = Sample.parse("u8"), Sample.parse("s8")


@pytest.mark.parametrize(("sample", "scales", "zeros", "low", "high"), [
    (U8, (0.9100666642189026, 1.0772496461868286, 1.0563230514526367), (118, 144, 159), 0, 255),
    (U8, (0.5, 0.5, 1.0), (3, 5, 100), 10, 200), (S8, (1.0, 0.25, 1.0), (-3, 5, -7), -128, 127),
], ids=["exception", "ties", "signed ties"])
def test_every_sample_beside_another(sample: Sample, scales: tuple[float, ...],
                                     zeros: tuple[int, ...], low: int, high: int) -> None:
    rule = OnnxAdd(scales=scales, zero_points=zeros, sample=sample, low=low, high=high)
    first = Tensor(1, 16, 16, sample)
    other = np.random.default_rng(1).permutation(256) + sample.minimum

    def network() -> Network:
        table = Table(name="table", inputs=("input",), sources=(first,), sample=sample,
                      tables=(tuple(other.tolist()),))
        add = Add(name="add", inputs=("input", "table"), sources=(first, table.output), rule=rule)
        return Network(name="sum", input=first, layers=(table, add), arithmetic="onnxruntime")

    form = network().layer("add").form
    assert form.even or form.exceptions
    for a, b in form.exceptions:
        at = int(np.flatnonzero(other == b)[0])
        other[[at, a - sample.minimum]] = other[[a - sample.minimum, at]]
    frames = (np.arange(256) + sample.minimum).reshape(1, 1, 16, 16)
    run(network(), plan_network(network(), multipliers=1), frames)
    # Either sample of an exception without the other one.
    other = np.roll(other, 1)
    run(network(), plan_network(network(), multipliers=1), frames)
