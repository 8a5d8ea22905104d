"""A strip of text under a picture, which leaves the picture's own pixels as they are."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


__all__ = ["STRIP", "captioned"]

STRIP = 24
"""Height of the strip, in pixels."""

_FONT_SIZES = (14, 12, 10, 8)


def captioned(picture: npt.NDArray[np.uint8], texts: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return a picture with a strip below it, in which the texts share the width equally.

    A text that is too long is set smaller, and cut if that is not enough.

    Parameters
    ----------
    picture : (H, W, 3) uint8 array
        The picture.
    texts : sequence of :class:`str`
        From left to right.

    Returns
    -------
    (H + STRIP, W, 3) uint8 array
    """
    from PIL import Image, ImageDraw, ImageFont

    width = picture.shape[1]
    strip = Image.new("RGB", (width, STRIP))
    draw = ImageDraw.Draw(strip)
    share = width // len(texts)
    for number, text in enumerate(texts):
        font = next((font for font in map(ImageFont.load_default, _FONT_SIZES)
                     if draw.textlength(text, font) <= share - 8),
                    ImageFont.load_default(_FONT_SIZES[-1]))
        while text and draw.textlength(text, font) > share - 8:
            text = text[:-1]
        draw.text((number * share + 4, STRIP // 2), text, "white", font, anchor="lm")
    return np.concatenate([picture, np.asarray(strip)])
