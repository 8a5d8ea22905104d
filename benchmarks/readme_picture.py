"""The README's picture: a photograph beside what the simulated hardware makes of it.

    .venv/bin/python benchmarks/readme_picture.py docs/coffee.jpg
"""

import sys
from pathlib import Path

import numpy as np

from windrow import Filter
from windrow.model import Sample
from windrow.sim import compare, pictures, simulate
from windrow.sim.caption import captioned


PHOTOGRAPH = Path(__file__).resolve().parents[1] / "pictures" / "coffee.jpg"


def main() -> int:
    """Simulate, compare with the model, and write both pictures side by side."""
    photograph = pictures.open_picture(PHOTOGRAPH)
    size = {"width": photograph.width, "height": photograph.height, "channels": 3}
    edges = Filter(kernel="sobel-x", border="reflect101", overflow="abs-saturate", **size)
    (frame,), _ = photograph.frames(pixel=edges.pixel, **size)
    result = simulate(edges, frame)
    mismatch = compare(result, edges, frame)
    if mismatch is not None:
        print(f"not bit-exact: {mismatch}")
        return 1
    both = np.concatenate([frame, result.outputs[0]], axis=1).astype(np.uint8)
    both = captioned(both, ("as it is", "filtered: sobel-x, in simulated hardware"))
    pictures.save(sys.argv[1], both, Sample(signed=False, bits=8))
    print("bit-exact:", sys.argv[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
