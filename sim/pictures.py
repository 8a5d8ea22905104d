"""Pictures in files, as frames, and back; and ``.npy`` files, which hold the samples themselves.

Samples of a picture are scaled from the file's depth to the filter's, so that white stays white:

- A picture of 8 bits is kept as it is for ``u8``; of 16 bits (PNG, TIFF and PPM, grey or in colour)
  for ``u16``.
- Fewer bits take the upper ones. More bits repeat them from the top (0xAB as ``u12`` is 0xABA).
- Signed samples take the unsigned ones of the same width, shifted down by half the range: mid grey
  is 0.
- Floats are read from 0 (black) to 1 (white), and refused outside. Signed integers, and those of 32
  bits, do not say what is white, and are refused.

With ``samples = "low"`` the file's numbers are the samples, and are refused where they do not fit:
for cameras of 10 or 12 bits, whose samples sit in the low bits of 16.

A picture is turned upright by its EXIF data, as ``cv2.imread`` does. What is dropped (transparency,
further pictures in a file, lower bits) is said in words.

A result is written so that nothing is lost and a viewer can show it:

- ``u8`` as 8 bits, the samples as they are; ``u9`` to ``u16`` as 16 bits, in PNG, and in grey in
  TIFF and PPM too. Fewer bits than the file has are repeated from the top.
- What does not fit (signed, over 16 bits) is scaled: the magnitude, with the greatest one as white.
- JPEG and GIF lose something.

:func:`save` says in its return value how the picture differs from the samples; the exact ones are
written by naming a ``.npy`` file.
"""

from .picture_reader import SAMPLES, Array, Picture, find, load, open_picture, read_frames
from .picture_writer import check_name, save


__all__ = ["SAMPLES", "Array", "Picture", "check_name", "find", "load", "open_picture",
           "read_frames", "save"]
