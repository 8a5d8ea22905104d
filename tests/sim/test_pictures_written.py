"""Results as pictures: every sample type out, and what is said of a loss."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from windrow.model import InputError
from windrow.model.sample import Sample
from windrow.sim import pictures


GREY = np.array([[0, 1, 127], [128, 254, 255]], np.uint8)
RANDOM = np.random.default_rng(3)


@pytest.mark.parametrize("sample, values, shown, depth, note", [
    ("u8", [0, 7, 255], [0, 7, 255], 8, ""),
    ("u1", [0, 1], [0, 255], 8, "the picture shows 0 to 1 as black to white; a .npy file keeps the "
     "samples"),
    ("u4", [0, 7, 15], [0, 119, 255], 8, "the picture shows 0 to 15 as black to white; a .npy file "
     "keeps the samples"),
    ("u16", [0, 7, 65535], [0, 7, 65535], 16, ""),
    ("u10", [0, 7, 1023], [0, 448, 65535], 16, "the picture shows 0 to 1023 as black to white; a "
     ".npy file keeps the samples"),
    ("s16", [-100, 0, 50], [255, 0, 127], 8,
     "the picture shows magnitudes with 100 as white; a .npy file keeps the samples"),
    ("s16", [0, 0, 0], [0, 0, 0], 8,
     "the picture shows magnitudes with 0 as white; a .npy file keeps the samples"),
    ("u32", [0, 1000, 2000], [0, 127, 255], 8,
     "the picture shows magnitudes with 2000 as white; a .npy file keeps the samples"),
])
def test_saved_pictures_can_be_viewed(
    sample: str, values: list[int], shown: list[int], depth: int, note: str, tmp_path: Path
) -> None:
    path = tmp_path / "out.png"
    assert pictures.save(path, np.array([values]), Sample.parse(sample)) == note
    with Image.open(path) as picture:
        assert np.array(picture).ravel().tolist() == shown
        assert (picture.mode == "L") == (depth == 8)
    assert [each.name for each in tmp_path.iterdir()] == ["out.png"]


def test_npy_keeps_the_samples(tmp_path: Path) -> None:
    frame = np.array([[-70000, 5]])
    assert pictures.save(tmp_path / "out.npy", frame, Sample.parse("s32")) == ""
    written = np.load(tmp_path / "out.npy")
    assert written.dtype == np.int32
    assert np.array_equal(written, frame)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("suffix, bits", [
    ("png", 8), ("png", 16), ("tif", 8), ("ppm", 8), ("bmp", 8), ("webp", 8), ("tiff", 16),
    ("pgm", 16)])
def test_opencv_reads_the_samples(suffix: str, bits: int, channels: int, tmp_path: Path) -> None:
    frame = RANDOM.integers(0, 1 << bits, (9, 7, 3) if channels == 3 else (9, 7))
    path = tmp_path / f"out.{suffix}"
    note = pictures.save(path, frame, Sample(False, bits))
    if (suffix, bits, channels) in (("tiff", 16, 3), ("pgm", 16, 3)):
        assert note.startswith("the picture shows magnitudes with ")
        return
    assert note == ""
    read = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert read is not None
    if read.ndim == 3:  # WebP has no grey
        assert read.shape[2] == 3
        read = read[:, :, 0] if channels == 1 else read[:, :, ::-1]
    np.testing.assert_array_equal(read, frame)


@pytest.mark.parametrize("suffix, kind", [("jpg", "JPEG"), ("gif", "GIF")])
def test_what_a_format_loses_is_said(suffix: str, kind: str, tmp_path: Path) -> None:
    frame = RANDOM.integers(0, 256, (40, 30, 3))
    path = tmp_path / f"out.{suffix}"
    note = pictures.save(path, frame, Sample.parse("u8"))
    with Image.open(path) as picture:
        most = np.abs(np.asarray(picture.convert("RGB"), int) - frame).max()
    assert most > 0
    assert note == f"{kind} is lossy: samples differ by up to {most}; .png keeps them"
    assert pictures.save(path, np.full((4, 4), 90), Sample.parse("u8")) == ""


def test_bad_targets(tmp_path: Path) -> None:
    grey, sample = GREY.astype(int), Sample.parse("u8")
    with pytest.raises(InputError, match=r"cannot be written: No such file or directory$"):
        pictures.save(tmp_path / "no" / "out.png", grey, sample)
    for name in ("out.xyz", "out.ico", "out.pdf", "out"):
        with pytest.raises(InputError, match=r"must end in \.png, \.tif, \.bmp, \.ppm, \.webp or "):
            pictures.save(tmp_path / name, grey, sample)
    with pytest.raises(InputError, match=r"webp' cannot be written: "):
        pictures.save(tmp_path / "out.webp", np.zeros((1, 16384), int), sample)
    with pytest.raises(InputError, match="a picture has 1 or 3 channels, not 2"):
        pictures.save(tmp_path / "out.png", np.zeros((2, 3, 2), int), sample)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError, match=r"folder\.png' is a folder; name a file in it$"):
        pictures.save(tmp_path / "folder.png", grey, sample)
    assert [each.name for each in tmp_path.iterdir()] == ["folder.png"]
