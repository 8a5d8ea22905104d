"""Pads that have a name."""

from collections.abc import Sequence


__all__ = ["same_pads"]


def same_pads(size: Sequence[int], kernel: Sequence[int], stride: Sequence[int],
              dilation: Sequence[int], *, lower: bool = False) -> tuple[int, int, int, int]:
    """TensorFlow's SAME: (top, bottom, left, right); ONNX's SAME_UPPER, or SAME_LOWER."""
    pads = []
    for length, taps, step, apart in zip(size, kernel, stride, dilation, strict=True):
        total = max((-(-length // step) - 1) * step + apart * (taps - 1) + 1 - length, 0)
        small, large = total // 2, total - total // 2
        pads += [large, small] if lower else [small, large]
    return pads[0], pads[1], pads[2], pads[3]
