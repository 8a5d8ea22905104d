"""One trial of a filter: its Verilog, through the compiled harness, against the golden model."""

import random

from strategies import random_filter, random_image

from windrow.hdl import build
from windrow.hdl.strategies import AUTO, STRATEGIES
from windrow.model import Filter, InputError
from windrow.sim import Traffic
from windrow.sim.engine import Design
from windrow.sim.job import compare, run_design


__all__ = ["random_traffic", "trial", "trial_of_seed"]


def random_traffic(rng: random.Random, design: Design) -> Traffic:
    """Return a way for the streams to flow, of any kind that there is."""
    line = design.input.beats_per_line
    frame = max(design.input.beats_per_frame, design.output.beats_per_frame)

    def pauses() -> list[int]:
        longest = rng.choice([0, 0, 1, 3, 2 * line])
        return [rng.randint(0, longest) for _ in range(4)]

    return Traffic(
        stall=rng.choice([0.0, 0.1, 0.5, 0.9]),
        seed=rng.getrandbits(32),
        gap=pauses(),
        late=pauses(),
        hold=pauses(),
        reset_at=rng.choice([None, rng.randint(0, 3 * frame)]),
        reset_cycles=rng.choice([1, 2, 5]),
    )


def trial(
    spec: Filter, rng: random.Random, *, target: str = "generic", strategy: str = "auto"
) -> None:
    """Assert what is promised of a filter, first with streams that never stop, then with any.

    The assertions name the first differing sample, the filter and the traffic.
    """
    core = build(spec, "core", target=target, strategy=strategy)
    design = Design(core.verilog, core.manifest, spec)
    frames = [random_image(rng, spec) for _ in range(3)]

    result = run_design(design, frames)
    mismatch = compare(result, spec, frames)
    assert mismatch is None, f"{mismatch}\n{spec.to_dict()}"
    measured = (result.latency_cycles, result.cycles_per_frame)
    promised = (core.manifest["latency_cycles"], core.manifest["cycles_per_frame"])
    assert measured == promised, f"(latency, cycles a frame) {measured}, not {promised}: {spec}"

    traffic = random_traffic(rng, design)
    result = run_design(design, frames, traffic=traffic)
    mismatch = compare(result, spec, frames)
    assert mismatch is None, f"{mismatch}\n{spec.to_dict()}\n{traffic}"


MAX_PRODUCTS = 4000
"""A 31x31 kernel on two channels and two pixels a clock has 3844 products, which take a minute or
two to generate and compile. Three at eight pixels a clock would have 23064."""


def trial_of_seed(seed: int) -> None:
    """Run the trial of a random filter of at most ``MAX_PRODUCTS`` products in a cycle, with a
    random one of the strategies that apply to it."""
    rng = random.Random(seed)
    spec = random_filter(rng)
    while spec.taps.size * spec.channels * spec.pixels_per_clock > MAX_PRODUCTS:
        spec = random_filter(rng)
    for strategy in rng.sample([AUTO, *STRATEGIES], len(STRATEGIES) + 1):
        try:
            trial(spec, rng, strategy=strategy)
        except InputError as error:
            if "does not apply to this filter" not in str(error):
                raise
        except Exception as error:
            error.add_note(f"seed {seed}, strategy {strategy}: {spec.to_dict()}")
            raise
        else:
            break
