"""The README's picture: a photograph beside what the simulated hardware makes of it.

    .venv/bin/python benchmarks/readme_picture.py docs/coffee.jpg
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from windrow import Filter
from windrow.sim import job, pictures
from windrow.whole_file import whole_file


PHOTOGRAPH = Path(__file__).resolve().parents[1] / "pictures" / "coffee.jpg"


def main() -> int:
    """Simulate, compare with the model, and write both pictures side by side."""
    with Image.open(PHOTOGRAPH) as picture:
        original = np.asarray(picture.convert("RGB"))
    height, width, channels = original.shape
    edges = Filter(kernel="sobel-x", width=width, height=height, channels=channels,
                   border="reflect101", overflow="abs-saturate")
    frame = pictures.load(PHOTOGRAPH, edges)
    result = job.simulate(edges, [frame])
    mismatch = job.compare(result, edges, [frame])
    if mismatch is not None:
        print(f"not bit-exact: {mismatch}")
        return 1
    both = np.concatenate([original, result.outputs[0].astype(np.uint8)], axis=1)
    with whole_file(Path(sys.argv[1])) as path:
        Image.fromarray(both).save(path, quality=88, optimize=True)
    print("bit-exact:", sys.argv[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
