"""Pictures in files: every mode in, every sample type out."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from windrow.model import InputError
from windrow.model.sample import Sample
from windrow.sim import pictures


GREY = np.array([[0, 1, 127], [128, 254, 255]], np.uint8)


def load(path: Path, channels: int = 1, pixel: str = "u8") -> np.ndarray:
    return pictures.load(path, width=3, height=2, channels=channels, pixel=Sample.parse(pixel))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "F",
                                  "I", "I;16"])
def test_every_mode_makes_grey_and_colour(mode: str, tmp_path: Path) -> None:
    colour = Image.fromarray(np.stack([GREY] * 3, axis=2))
    if mode in ("I", "I;16"):
        picture = Image.fromarray(GREY.astype(np.uint16) * 257)
        picture = picture.convert(mode)
    elif mode == "P":
        picture = colour.quantize(6)
    else:
        picture = colour.convert("L").convert(mode) if mode in ("F", "PA") else colour.convert(mode)
    in_png = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
    path = tmp_path / ("picture.png" if mode in in_png else "picture.tif")
    picture.save(path)
    width, height, channels = pictures.size(path)
    assert (width, height) == (3, 2)
    assert channels in (1, 3)
    grey, rgb = load(path), load(path, 3)
    assert grey.shape == (2, 3)
    assert rgb.shape == (2, 3, 3)
    wanted = (GREY >= 128) * 255 if mode == "1" else GREY
    if mode not in ("YCbCr", "1"):  # lossy; dithered
        assert np.array_equal(grey, wanted)
        assert np.array_equal(rgb, np.stack([wanted] * 3, axis=2))


def test_colour_stays_colour(tmp_path: Path) -> None:
    colour = np.random.default_rng(0).integers(0, 256, (2, 3, 3), dtype=np.uint8)
    path = tmp_path / "picture.png"
    Image.fromarray(colour).save(path)
    assert pictures.size(path) == (3, 2, 3)
    assert np.array_equal(load(path, 3), colour)
    transparent = np.dstack([colour, np.full((2, 3), 9, np.uint8)])
    Image.fromarray(transparent, "RGBA").save(path)
    assert np.array_equal(load(path, 3), colour)
    palette = Image.fromarray(colour).quantize(6)
    palette.save(path)
    assert pictures.size(path) == (3, 2, 3)
    assert np.array_equal(load(path, 3), np.array(palette.convert("RGB")))


@pytest.mark.parametrize("pixel, wanted", [
    ("u8", [0, 1, 127, 128, 254, 255]),
    ("u1", [0, 0, 0, 1, 1, 1]),
    ("u4", [0, 0, 7, 8, 15, 15]),
    ("u10", [0, 4, 509, 514, 1019, 1023]),
    ("u12", [0, 16, 2039, 2056, 4079, 4095]),
    ("u16", [0, 257, 32639, 32896, 65278, 65535]),
    ("s8", [-128, -127, -1, 0, 126, 127]),
    ("s16", [-32768, -32511, -129, 128, 32510, 32767]),
])
def test_samples_are_scaled_so_that_white_stays_white(
    pixel: str, wanted: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    Image.fromarray(GREY).save(path)
    assert load(path, pixel=pixel).ravel().tolist() == wanted


def test_sixteen_bits_stay_sixteen_bits(tmp_path: Path) -> None:
    deep = np.array([[0, 1, 255], [256, 40000, 65535]], np.uint16)
    path = tmp_path / "picture.png"
    Image.fromarray(deep).save(path)
    assert np.array_equal(load(path, pixel="u16"), deep)
    assert load(path, pixel="u8").ravel().tolist() == [0, 0, 0, 1, 156, 255]


@pytest.mark.parametrize("sample, values, shown, depth, note", [
    ("u8", [0, 7, 255], [0, 7, 255], 8, ""),
    ("u4", [0, 7, 15], [0, 112, 240], 8, "the picture shows the samples times 16"),
    ("u16", [0, 7, 65535], [0, 7, 65535], 16, ""),
    ("u10", [0, 7, 1023], [0, 448, 65472], 16, "the picture shows the samples times 64"),
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
    assert np.array_equal(np.load(tmp_path / "out.npy"), frame)


def test_bad_pictures(tmp_path: Path) -> None:
    path = tmp_path / "no.png"
    with pytest.raises(InputError, match=r"is not there$"):
        load(path)
    path.write_text("no picture")
    with pytest.raises(InputError, match=r"is no picture that Pillow knows$"):
        load(path)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 90), dtype=np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(InputError, match="cannot be read: "):
        load(path)
    Image.fromarray(GREY.T).save(path)
    with pytest.raises(InputError, match=r"is 2x3 and the filter's frame 3x2: crop or scale it "):
        load(path)
    with pytest.raises(InputError, match=r"^channels must be 1 or 3 to take a picture, not 2$"):
        load(path, 2)
    with pytest.raises(InputError, match="cannot be read: "):
        load(tmp_path)


def test_bad_targets(tmp_path: Path) -> None:
    grey, sample = GREY.astype(int), Sample.parse("u8")
    with pytest.raises(InputError, match=r"cannot be written: No such file or directory$"):
        pictures.save(tmp_path / "no" / "out.png", grey, sample)
    with pytest.raises(InputError, match=r"must end in \.png, \.npy or another format's suffix$"):
        pictures.save(tmp_path / "out.xyz", grey, sample)
    with pytest.raises(InputError, match="a picture has 1 or 3 channels, not 2"):
        pictures.save(tmp_path / "out.png", np.zeros((2, 3, 2), int), sample)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError, match=r"folder\.png' is a folder; name a file in it$"):
        pictures.save(tmp_path / "folder.png", grey, sample)
    assert [each.name for each in tmp_path.iterdir()] == ["folder.png"]
