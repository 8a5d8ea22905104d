"""Presets of functions that order samples: medians, ranks, morphology."""

from collections.abc import Callable

from ..errors import InputError, shorten
from ..kernels.kernel import Matrix
from ..operations.footprint import SHAPES
from .borders import NDIMAGE_MODES, opencv_border
from .table import Given, Keys, before_centre, look_up, numbers, preset


__all__ = ["CROSS", "grey_keys", "opencv_element", "skimage_keys"]

# OpenCV


@preset(
    "cv2.medianBlur",
    "Median of an odd square; OpenCV takes up to 5x5 where samples have more than 8 bits.",
    "OpenCV 4.14 and 5.0, probed: the middle sample, border replicate.",
    implies_kernel=True,
)
def _median_blur(given: Given, ksize: int) -> Keys:
    most = 15 if given.pixel.bits <= 8 else 5
    if ksize % 2 == 0 or not 1 <= ksize <= most:
        raise InputError(f"ksize must be odd and from 1 to {most} for pixel {given.pixel}, not "
                         f"{ksize}")
    return {"median": ksize, "padding": "same", "border": "replicate"}


def _opencv_morphology(verb: str) -> None:
    @preset(
        f"cv2.{verb}",
        f"The {'least' if verb == 'erode' else 'greatest'} sample of a structuring element: the "
        f"key kernel (or {verb}), or one of getStructuringElement: shape and ksize.",
        "OpenCV 4.14 and 5.0, probed: no element is reflected; outside the frame nothing counts "
        "unless a border is given.",
        implies_kernel=True,
    )
    def make(given: Given, kernel: str = "", shape: str = "", ksize: str = "",
             anchor: str = "(-1,-1)", iterations: int = 1, borderType: str = "",
             borderValue: str = "") -> Keys:
        return {"padding": "same", **opencv_element(
            given, verb, kernel, shape, ksize, anchor, iterations, borderType, borderValue)}


def opencv_element(
    given: Given, verb: str, kernel: str, shape: str, ksize: str, anchor: str, iterations: int,
    border_type: str, border_value: str,
) -> Keys:
    """A verb with the structuring element that parameters of OpenCV's morphology draw."""
    footprint = given.footprint(("kernel", verb), kernel=kernel)
    if footprint is not None and (shape or ksize):
        raise InputError("shape and ksize draw a kernel, and one is given: give either")
    if footprint is None:
        columns, rows = numbers("ksize", ksize or "3")
        shape = shape.removeprefix("cv2.").removeprefix("MORPH_").lower() or "rect"
        if shape not in SHAPES:
            raise InputError(f"shape must be one of {', '.join(SHAPES)}, not {shorten(shape)}")
        footprint = given.footprint((), ksize=f"{shape}:rows={rows},columns={columns}")
        assert footprint is not None
    x, y = numbers("anchor", anchor)
    height, width = len(footprint), len(footprint[0])
    cell = [height // 2 if y == -1 else y, width // 2 if x == -1 else x]
    keys: Keys = {verb: footprint}
    if iterations < 1:
        raise InputError(f"iterations must be at least 1, not {iterations}")
    if iterations > 1 and "anchor" in given.keys:
        raise InputError(f"the key anchor does not go with iterations; write anchor=({x},{y})")
    if iterations > 1 and all(map(all, footprint)):
        # OpenCV too does it in one step, whatever the border.
        keys[verb] = [(height - 1) * iterations + 1, (width - 1) * iterations + 1]
        cell = [each * iterations for each in cell]
    elif iterations > 1:
        keys["iterations"] = iterations
    border = opencv_border(border_type or "0")
    if border != "constant":
        keys["border"] = border
    elif border_value:
        keys |= {"border": "constant", "border_value": numbers("borderValue", border_value)[0]}
    return keys | {"anchor": cell}


_opencv_morphology("erode")
_opencv_morphology("dilate")


# scipy.ndimage


def _ndimage(
    given: Given, name: str, size: str, footprint: str, mode: str, cval: int, origin: str
) -> tuple[Matrix, list[int], Keys]:
    """The footprint, the anchor, and the keys of the border."""
    cells = given.footprint(("footprint", "size"), footprint=footprint, size=size.strip("()[]"))
    if cells is None:
        raise InputError("size or footprint must be given")
    anchor = []
    for length, moved in zip((len(cells), len(cells[0])), numbers("origin", origin), strict=True):
        if not 0 <= length // 2 + moved < length:
            raise InputError(f"origin must be from {-(length // 2)} to {(length - 1) // 2} for "
                             f"{length} cells, not {moved}")
        anchor.append(length // 2 + moved)
    return cells, anchor, {
        "padding": "same", "border": look_up(name, "mode", mode, NDIMAGE_MODES),
        "border_value": cval}


def _ndimage_rank(
    function: str, description: str, source: str, verb: Callable[[Matrix], Keys],
) -> None:
    name = f"scipy.ndimage.{function}"

    @preset(name, description, source, implies_kernel=True)
    def make(given: Given, size: str = "", footprint: str = "", mode: str = "reflect",
             cval: int = 0, origin: str = "0") -> Keys:
        cells, anchor, keys = _ndimage(given, name, size, footprint, mode, cval, origin)
        return keys | verb(cells) | {"anchor": anchor}


_PROBED = "scipy 1.17, probed: centre k//2, moved by origin; the default border is symmetric."

_ndimage_rank("median_filter", "Median of size or footprint; of an even count the upper middle.",
              _PROBED, lambda cells: {"median": cells})
_ndimage_rank("minimum_filter", "The least sample of size or footprint.", _PROBED,
              lambda cells: {"rank": 0, "footprint": cells})
_ndimage_rank("maximum_filter", "The greatest sample of size or footprint.", _PROBED,
              lambda cells: {"rank": -1, "footprint": cells})
_ndimage_rank("grey_erosion", "The least sample of size or footprint; flat ones only.", _PROBED,
              lambda cells: {"rank": 0, "footprint": cells})


@preset(
    "scipy.ndimage.rank_filter",
    "The sample at a rank of size or footprint, from 0 or from -1 backwards.", _PROBED,
    implies_kernel=True,
)
def _rank_filter(given: Given, rank: int, size: str = "", footprint: str = "",
                 mode: str = "reflect", cval: int = 0, origin: str = "0") -> Keys:
    cells, anchor, keys = _ndimage(
        given, "scipy.ndimage.rank_filter", size, footprint, mode, cval, origin)
    return keys | {"rank": rank, "footprint": cells, "anchor": anchor}


@preset(
    "scipy.ndimage.percentile_filter",
    "The sample at a percentile of size or footprint, rounded down; negative ones from 100.",
    _PROBED, implies_kernel=True,
)
def _percentile_filter(given: Given, percentile: float, size: str = "", footprint: str = "",
                       mode: str = "reflect", cval: int = 0, origin: str = "0") -> Keys:
    cells, anchor, keys = _ndimage(
        given, "scipy.ndimage.percentile_filter", size, footprint, mode, cval, origin)
    return keys | {"percentile": percentile, "footprint": cells, "anchor": anchor}


@preset(
    "scipy.ndimage.grey_dilation",
    "The greatest sample of size or footprint, which is reflected; flat ones only.",
    "scipy 1.17, probed: the footprint reflected, centre (k-1)//2, moved against origin.",
    implies_kernel=True,
)
def _grey_dilation(given: Given, size: str = "", footprint: str = "", mode: str = "reflect",
                   cval: int = 0, origin: str = "0") -> Keys:
    cells, anchor, keys = _ndimage(
        given, "scipy.ndimage.grey_dilation", size, footprint, mode, cval, origin)
    return keys | _reflected(cells, anchor)


def _reflected(cells: Matrix, anchor: list[int]) -> Keys:
    """The greatest sample of the footprint turned round its anchor."""
    sizes = len(cells), len(cells[0])
    return {"rank": -1, "footprint": tuple(row[::-1] for row in cells[::-1]),
            "anchor": [length - 1 - cell for length, cell in zip(sizes, anchor, strict=True)]}


def grey_keys(
    given: Given, name: str, size: str, footprint: str, mode: str, cval: int
) -> Callable[[bool, bool], Keys]:
    """What makes the keys of a grey erosion, or of a grey dilation where it is asked for it."""
    cells, anchor, keys = _ndimage(given, name, size, footprint, mode, cval, "0")
    least: Keys = {"rank": 0, "footprint": cells, "anchor": anchor}
    return lambda greatest, _: keys | (_reflected(cells, anchor) if greatest else least)


# scikit-image

CROSS = ((0, 1, 0), (1, 1, 1), (0, 1, 0))


def _skimage_morphology(function: str, rank: int) -> None:
    name = f"skimage.morphology.{function}"

    @preset(
        name,
        f"The {'greatest' if rank else 'least'} sample of a footprint, a cross of 3 unless given.",
        "scikit-image 0.26, probed: centre (k-1)//2, nothing reflected, border symmetric.",
        implies_kernel=True,
    )
    def make(given: Given, footprint: str = "", mode: str = "reflect", cval: int = 0) -> Keys:
        cells = given.footprint(("footprint",), footprint=footprint) or CROSS
        return skimage_keys(given, name, rank, cells, mode, cval)


def skimage_keys(
    given: Given, name: str, rank: int, cells: Matrix, mode: str, cval: int
) -> Keys:
    """The keys of an erosion, rank 0, or of a dilation, rank -1."""
    keys: Keys = {"rank": rank, "footprint": cells, "padding": "same",
                  "anchor": [before_centre(len(cells)), before_centre(len(cells[0]))]}
    extremes = {"max": given.pixel.maximum, "min": given.pixel.minimum,
                "ignore": given.pixel.minimum if rank else given.pixel.maximum}
    if mode in extremes:
        return keys | {"border": "constant", "border_value": extremes[mode]}
    return keys | {"border": look_up(name, "mode", mode, NDIMAGE_MODES | dict.fromkeys(
        extremes)), "border_value": cval}


_skimage_morphology("erosion", 0)
_skimage_morphology("dilation", -1)


@preset(
    "skimage.filters.median",
    "Median of a footprint, a square of 3 unless given; behavior is ndimage.",
    "scikit-image 0.26, probed: as scipy.ndimage.median_filter, border replicate.",
    implies_kernel=True,
)
def _skimage_median(given: Given, footprint: str = "", mode: str = "nearest", cval: int = 0
                    ) -> Keys:
    cells = given.footprint(("footprint",), footprint=footprint) or 3
    return {"median": cells, "padding": "same", "border_value": cval,
            "border": look_up("skimage.filters.median", "mode", mode, NDIMAGE_MODES)}
