"""What libraries call the borders."""

from ..errors import InputError, shorten


__all__ = ["NDIMAGE_MODES", "opencv_border"]

#: Of scipy.ndimage.
NDIMAGE_MODES = {
    "reflect": "symmetric",
    "grid-mirror": "symmetric",
    "mirror": "reflect101",
    "nearest": "replicate",
    "constant": "constant",
    "grid-constant": "constant",
    "wrap": "wrap",
    "grid-wrap": "wrap",
}

_OPENCV = {"CONSTANT": "constant", "0": "constant", "REPLICATE": "replicate", "1": "replicate",
           "REFLECT": "symmetric", "2": "symmetric", "REFLECT_101": "reflect101",
           "REFLECT101": "reflect101", "DEFAULT": "reflect101", "4": "reflect101"}


def opencv_border(word: str) -> str:
    """The border of OpenCV's ``borderType``: ``BORDER_REFLECT_101``, with or without ``cv2.``, or
    its number."""
    name = word.removeprefix("cv2.").removeprefix("cv.").removeprefix("BORDER_")
    if name not in _OPENCV:
        raise InputError("borderType must be BORDER_CONSTANT, BORDER_REPLICATE, BORDER_REFLECT or "
                         f"BORDER_REFLECT_101, not {shorten(word)}")
    return _OPENCV[name]
