"""Pipelines in hardware beside their model and beside OpenCV: each command prints what it counted.

`python benchmarks/pipelines.py random [COUNT] [FIRST]`: random pipelines of every verb, exact under
random stalls; one in ten by Verilator, the others by Icarus.

`python benchmarks/pipelines.py whole`: pipelines as people write them, on photographs.

`python benchmarks/pipelines.py canny [COUNT]`: edges beside `cv2.Canny`, and the time they take.

They end with status 1 where a sample differs or a frame takes longer than is promised.
"""

import sys
from collections import Counter
from pathlib import Path


ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "sim")]

from pipeline_trial import pipeline_trial  # noqa: E402
from random_pipelines import DRAWN  # noqa: E402


def randomly(count: int = 300, first: int = 0) -> int:
    """Random pipelines, by seed."""
    verbs: Counter[str] = Counter()
    engines: Counter[str] = Counter()
    samples, wrong = 0, []
    for seed in range(first, first + count):
        engine = "icarus" if seed % 10 else "verilator"
        try:
            drawn, compared = pipeline_trial(seed, engine)
        except Exception as error:
            wrong.append(seed)
            print(f"seed {seed}, {engine}: {type(error).__name__}: {error}", flush=True)
            continue
        engines[engine] += 1
        verbs.update(drawn)
        samples += compared
        print(f"seed {seed}, {engine}: {', '.join(drawn)}: {compared} samples", flush=True)
    print("stages:", ", ".join(f"{verb} {verbs[verb]}" for verb in DRAWN))
    print(f"{count} random pipelines, {verbs.total()} stages,",
          ", ".join(f"{number} by {engine}" for engine, number in engines.items()) + ":",
          f"{samples} samples compared, {len(wrong)} pipelines wrong {wrong or ''}")
    return int(bool(wrong) or (count >= 100 and not all(verbs[verb] for verb in DRAWN)))


COMMANDS = {"random": randomly}


if __name__ == "__main__":
    name, *numbers = sys.argv[1:] or ["random"]
    sys.exit(COMMANDS[name](*map(int, numbers)))
