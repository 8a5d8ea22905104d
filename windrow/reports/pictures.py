"""What a design makes of a picture: before and after, their difference, and every tap between."""

import base64
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from windrow.model import Pipeline
from windrow.model.markup import Markup, element
from windrow.model.sample import Sample
from windrow.reports.section import Section
from windrow.sim.picture_writer import png


__all__ = ["before_after", "data_uri", "tap_pictures"]

Frame = npt.NDArray[np.integer]

_TAP_WIDTH = 640
"""Taps are shown at no more columns than that."""


def before_after(before: Frame, after: Frame, samples: tuple[Sample, Sample], source: str
                 ) -> Section:
    """Both pictures one on the other, with a slider between, and how much they differ.

    Parameters
    ----------
    before, after : integer arrays, (H, W) or (H, W, C)
        The input and the output. Of other than 1 or 3 channels the first one is shown.
    samples : pair of :class:`~windrow.model.sample.Sample`
        What they hold.
    source : :class:`str`
        What the output was made by.
    """
    shown, notes = [], []
    for frame, sample, which in zip((before, after), samples, ("input", "output"), strict=True):
        planes = np.atleast_3d(frame).shape[2]
        if planes not in (1, 3):
            frame = frame[:, :, 0]
            notes.append(f"the first of {planes} channels of the {which}")
        data, note = png(frame, sample)
        shown.append(data_uri(data))
        if note:
            notes.append(f"{which}: {note}")
    width = f"width:min(100%,{before.shape[1]}px)"
    slider = [
        element("h3", "Input and output"),
        element(
            "div",
            element("img", src=shown[0], alt="input", class_="before"),
            element("img", src=shown[1], alt="output", class_="after"),
            element("input", type="range", min=0, max=100, value=50,
                    aria_label="how much of the input is shown"),
            element("span", "input", class_="label left"),
            element("span", "output", class_="label right"),
            class_="slider", style=f"aspect-ratio:{before.shape[1]}/{before.shape[0]}"),
        element("p", f"Output by {source}. ", *(f"{note}. " for note in notes), class_="note"),
    ]
    parts = [element("div", *slider, style=width)]
    if before.shape == after.shape and samples[0].signed == samples[1].signed:
        parts.append(element("div", *_difference(before, after), style=width))
    return Section("picture", "Before and after", element("div", *parts, class_="beside"))


def _difference(before: Frame, after: Frame) -> list[Markup]:
    """Output less input as colours, blue below zero and orange above, with the scale."""
    signed = np.atleast_3d(after).astype(np.int64) - np.atleast_3d(before)
    low, high = int(signed.min()), int(signed.max())
    plane = signed.mean(axis=2)
    most = float(max(abs(low), abs(high), 1))
    share = np.clip(np.abs(plane) / most, 0, 1)[..., None] ** 0.7
    colour = np.where(plane[..., None] < 0, (0, 114, 178), (213, 94, 0))
    shown = (255 + (colour - 255) * share).astype(np.uint8)
    of = ", mean of the channels" if signed.shape[2] > 1 else ""
    data, _ = png(shown, Sample.parse("u8", key="pixel"))
    return [
        element("h3", "Difference"),
        element("img", src=data_uri(data), alt=f"output less input, from {low} to {high}",
                class_="picture"),
        element("div", element("span", f"{-most:.0f}"), element("i"),
                element("span", f"{most:.0f}"), class_="scale"),
        element("p", f"Output less input{of}: {low} to {high}; "
                     f"{np.count_nonzero(signed.any(axis=2)) / plane.size:.1%} of the pixels "
                     "differ.", class_="note"),
    ]


def tap_pictures(pipeline: Pipeline, taps: Mapping[str, Frame]) -> Section:
    """Every tap of a pipeline as a picture, in order."""
    figures = []
    for name, frame in taps.items():
        carried, stage = pipeline.taps[name].format, pipeline.taps[name].stage
        step = max(1, -(-frame.shape[1] // _TAP_WIDTH))
        planes = np.atleast_3d(frame)[::step, ::step]
        data, note = png(planes if planes.shape[2] in (1, 3) else planes[:, :, :1], carried.sample)
        words = [f"{carried.width}x{carried.height}, "
                 + (f"{carried.channels} x " if carried.channels > 1 else "") + str(carried.sample),
                 f"{frame.min()} to {frame.max()}"]
        if step > 1:
            words.append(f"every {step} rows and columns one pixel")
        if planes.shape[2] not in (1, 3):
            words.append(f"the first of {planes.shape[2]} channels")
        figures.append(element(
            "figure", element("img", src=data_uri(data), alt=name),
            element("figcaption", element("b", name), " ",
                    "the input" if stage is None else stage.title, element("br"),
                    "; ".join(filter(None, [*words, note])))))
    return Section("taps", "Every tap", element("div", *figures, class_="gallery"))


def data_uri(data: bytes) -> str:
    """A PNG as the address of an ``img`` element."""
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")
