"""Maps of Canny's classes whose edges are hard to follow: one thin path through the whole frame."""

import numpy as np
import numpy.typing as npt


__all__ = ["MAZES", "comb", "noise", "serpentine", "spiral", "zigzag"]

Classes = npt.NDArray[np.uint8]


def _strong_at(path: Classes, row: int, column: int) -> Classes:
    path[row, column] = 2
    return path


def spiral(height: int, width: int) -> Classes:
    """A path from a corner to the middle, strong in the middle."""
    path = np.zeros((height, width), dtype=np.uint8)
    y, x, ways, way = 0, 0, ((0, 1), (1, 0), (0, -1), (-1, 0)), 0

    def free(steps: int) -> bool:
        to = y + steps * ways[way][0], x + steps * ways[way][1]
        inside = 0 <= to[0] < height and 0 <= to[1] < width
        return (inside and not path[to]) or (not inside and steps == 2)

    path[y, x] = 1
    while True:
        for _ in range(2):
            inside = 0 <= y + ways[way][0] < height and 0 <= x + ways[way][1] < width
            if inside and free(1) and free(2):
                break
            way = (way + 1) % 4
        else:
            return _strong_at(path, y, x)
        y, x = y + ways[way][0], x + ways[way][1]
        path[y, x] = 1


def serpentine(height: int, width: int) -> Classes:
    """Whole rows joined at alternate ends, strong at the end of the last."""
    path = np.zeros((height, width), dtype=np.uint8)
    path[::2] = 1
    path[1::4, -1] = path[3::4, 0] = 1
    return _strong_at(path, (height - 1) // 2 * 2, width - 1 if (height - 1) % 4 else 0)


def comb(height: int, width: int) -> Classes:
    """A serpentine on its side: whole columns, strong at the bottom of one side."""
    return np.ascontiguousarray(serpentine(width, height).T)


def zigzag(height: int, width: int) -> Classes:
    """Short teeth along every fourth row: up and down at every step, strong at the very end."""
    path = np.zeros((height, width), dtype=np.uint8)
    for top in range(0, height - 2, 4):
        for column in range(0, width, 2):
            path[top : top + 3, column] = 1
            row = top if column // 2 % 2 else top + 2
            path[row, column : column + 2] = 1
        if top + 4 < height - 2:
            path[top + 2 : top + 5, -1 if top // 4 % 2 == 0 else 0] = 1
    return _strong_at(path, *(int(at[-1]) for at in np.nonzero(path))) if path.any() else path


def noise(height: int, width: int, weak: float = 0.4, seed: int = 0) -> Classes:
    """Weak pixels at random, a few of them strong: near where they begin to hang together."""
    rng = np.random.default_rng(seed)
    path = (rng.random((height, width)) < weak).astype(np.uint8)
    return path + (path & (rng.random((height, width)) < 0.01))


MAZES = {each.__name__: each for each in (spiral, serpentine, comb, zigzag, noise)}
