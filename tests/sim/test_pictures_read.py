"""Pictures in files: every kind in with the right value, or with a word, or refused."""

import io
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from windrow.model import InputError
from windrow.model.sample import Sample
from windrow.sim import pictures


GREY = np.array([[0, 1, 127], [128, 254, 255]], np.uint8)


RANDOM = np.random.default_rng(0)


def size(path: Path) -> tuple[int, int, int]:
    picture = pictures.open_picture(path)
    return picture.width, picture.height, picture.channels


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
    assert size(path)[:2] == (3, 2)
    if mode in ("I", "F"):
        with pytest.raises(InputError, match=r"holds (int32|float32)"):
            load(path)
        return
    assert size(path)[2] == (3 if mode in ("RGB", "RGBA", "CMYK", "YCbCr") else 1)
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
    assert size(path) == (3, 2, 3)
    assert np.array_equal(load(path, 3), colour)
    transparent = np.dstack([colour, np.full((2, 3), 9, np.uint8)])
    Image.fromarray(transparent, "RGBA").save(path)
    assert np.array_equal(load(path, 3), colour)
    palette = Image.fromarray(colour).quantize(6)
    palette.save(path)
    assert size(path) == (3, 2, 3)
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


def test_bad_pictures(tmp_path: Path) -> None:
    path = tmp_path / "no.png"
    with pytest.raises(InputError, match=r"is not there$"):
        load(path)
    path.write_text("no picture")
    with pytest.raises(InputError, match=r"is none that is read: PNG, JPEG, TIFF, "):
        load(path)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 90), dtype=np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(InputError, match="cannot be read: "):
        load_any(path)
    Image.fromarray(GREY.T).save(path)
    with pytest.raises(InputError, match=r"is 2x3 and the filter's frame 3x2: crop or scale it "):
        load(path)
    Image.fromarray(GREY).save(path)
    with pytest.raises(InputError, match=r"^channels must be 1 or 3 to take picture .*, not 2; "):
        load(path, 2)
    with pytest.raises(InputError, match="cannot be read: "):
        load(tmp_path)


def frame_and_notes(
    path: Path, pixel: str, channels: int, samples: str = "scaled"
) -> tuple[np.ndarray, list[str]]:
    picture = pictures.open_picture(path)
    (frame,), notes = picture.frames(width=picture.width, height=picture.height,
                                     channels=channels, pixel=Sample.parse(pixel), samples=samples)
    return frame, notes


@pytest.mark.parametrize("channels, alpha", [(1, False), (3, False), (3, True)])
@pytest.mark.parametrize("kind", ["png", "tif", "uncompressed"])
def test_opencvs_sixteen_bits_are_whole(
    kind: str, channels: int, alpha: bool, tmp_path: Path
) -> None:
    wanted = RANDOM.integers(0, 65536, (9, 7, channels + alpha), dtype=np.uint16)
    path = tmp_path / f"deep.{'png' if kind == 'png' else 'tif'}"
    parameters = [cv2.IMWRITE_TIFF_COMPRESSION, 1] if kind == "uncompressed" else []
    assert cv2.imwrite(str(path), wanted, parameters)
    frame, notes = frame_and_notes(path, "u16", channels)
    assert size(path) == (7, 9, channels)
    np.testing.assert_array_equal(
        frame, wanted[:, :, 2::-1] if channels == 3 else wanted[:, :, 0])
    assert notes == (["transparency is dropped"] if alpha else [])
    frame, notes = frame_and_notes(path, "u8", 1)
    assert notes[-1] == "16 bits are taken as 8: the upper ones"
    if channels == 3:
        blue, green, red = (wanted[:, :, index].astype(int) for index in range(3))
        grey = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
        np.testing.assert_array_equal(frame, grey >> 8)
        assert "colour is taken as grey" in notes


def test_sixteen_bits_of_grey_with_alpha_are_whole(tmp_path: Path) -> None:
    wanted = RANDOM.integers(0, 65536, (5, 6, 2), dtype=np.uint16)
    png = bytearray(cv2.imencode(".png", wanted[:, :, 0])[1].tobytes())
    png[25] = 4  # IHDR: grey with alpha
    rows = np.insert(wanted.astype(">u2").reshape(5, -1).view(np.uint8), 0, 0, axis=1).tobytes()
    path = tmp_path / "la.png"
    path.write_bytes(with_samples(bytes(png), rows))
    assert size(path) == (6, 5, 1)
    frame, notes = frame_and_notes(path, "u16", 1)
    np.testing.assert_array_equal(frame, wanted[:, :, 0])
    assert notes == ["transparency is dropped"]


def with_samples(png: bytes, rows: bytes) -> bytes:
    """A PNG with the header of another and other filtered rows."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data))

    return b"".join((png[:8], chunk(b"IHDR", png[16:29]), chunk(b"IDAT", zlib.compress(rows)),
                     chunk(b"IEND", b"")))


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_a_picture_as_opencv_does(
    suffix: str, orientation: int, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned.{suffix}"
    options = {"lossless": True} if suffix == "webp" else {}
    grey = RANDOM.integers(0, 256, (4, 6), dtype=np.uint8)
    picture = Image.fromarray(np.dstack([grey, grey // 2, 255 - grey]))
    picture.save(path, exif=exif, **options)
    judged = path
    if suffix == "tif":  # OpenCV 5 reads none that lies on its side
        judged = tmp_path / "judged.png"
        picture.save(judged, exif=exif)
    wanted = cv2.imread(str(judged), cv2.IMREAD_COLOR)
    assert wanted is not None
    frame, _ = frame_and_notes(path, "u8", 3)
    assert size(path) == (*wanted.shape[1::-1], 3)
    np.testing.assert_array_equal(frame, wanted[:, :, ::-1])


@pytest.mark.parametrize("samples, result", [
    (np.array([[0, 0.5, 1]], np.float32), [0, 128, 255]),
    (np.array([[0, 1, 255]], np.float32), "holds float32 from 0 to 255; they must be from 0 "),
    (np.array([[0, -0.1, 1]], np.float32), "holds float32 from -0.1 to 1; "),
    (np.array([[0, np.nan, 1]], np.float32), "holds float32 with NaN; they must be from 0 "),
    (np.array([[0, 7, 255]], np.int32), r"holds int32, from 0 to 255, and .*: give --samples low "),
])
def test_floats_and_wide_integers(
    samples: np.ndarray, result: list[int] | str, tmp_path: Path
) -> None:
    path = tmp_path / "numbers.tif"
    Image.fromarray(samples).save(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if isinstance(result, str):
            with pytest.raises(InputError, match=result):
                frame_and_notes(path, "u8", 1)
            return
        frame, notes = frame_and_notes(path, "u8", 1)
    assert frame.tolist() == [result]
    assert notes == ["floats from 0 to 1 are taken as black to white"]


def test_samples_in_the_low_bits(tmp_path: Path) -> None:
    camera = np.array([[0, 1, 4095]], np.uint16)
    path = tmp_path / "camera.png"
    Image.fromarray(camera).save(path)
    assert frame_and_notes(path, "u12", 1, "low")[0].tolist() == [[0, 1, 4095]]
    assert frame_and_notes(path, "u12", 1)[0].tolist() == [[0, 0, 255]]
    with pytest.raises(InputError, match=r"holds 4095 \(row 0, column 2\); pixel u10 is "):
        frame_and_notes(path, "u10", 1, "low")
    Image.fromarray(np.array([[-300, 0, 300]], np.int32)).save(tmp_path / "signed.tif")
    assert frame_and_notes(tmp_path / "signed.tif", "s16", 1, "low")[0].tolist() == [[-300, 0, 300]]


@pytest.mark.parametrize("magic, white, data, channels", [
    (b"P6", 1023, np.array([0, 512, 1023, 7, 8, 9], ">u2").tobytes(), 3),
    (b"P5", 4095, np.array([0, 4095], ">u2").tobytes(), 1),
    (b"P3", 1000, b"0 500 # half\n 1000 7 8 9", 3),
    (b"P2", 15, b"0 15", 1),
])
def test_a_ppm_has_a_white_of_its_own(
    magic: bytes, white: int, data: bytes, channels: int, tmp_path: Path
) -> None:
    path = tmp_path / "raw.pnm"
    path.write_bytes(magic + b"\n2 1\n%d\n" % white + data)
    frame, _ = frame_and_notes(path, "u12", channels, "low")
    numbers = {1023: [0, 512, 1023, 7, 8, 9], 4095: [0, 4095], 1000: [0, 500, 1000, 7, 8, 9],
               15: [0, 15]}[white]
    assert frame.ravel().tolist() == numbers
    frame, _ = frame_and_notes(path, "u16", channels)
    np.testing.assert_allclose(frame.ravel(), np.array(numbers) * 65535 / white, atol=65536 / white)
    assert frame.max() == 65535
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(InputError, match=r"it ends after \d of \d samples"):
        frame_and_notes(path, "u12", channels)


def test_content_decides_and_the_size_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 3 2\n")
    with pytest.raises(InputError, match="is none that is read: "):
        load(path)
    path.write_bytes(b"DDS |" + bytes(200))
    with pytest.raises(InputError, match="is none that is read: "):
        load(path)
    Image.fromarray(GREY).save(path, "JPEG", quality=100)
    assert load(path).shape == (2, 3)
    file = io.BytesIO()
    Image.new("1", (16385, 1)).save(file, "PNG")
    path.write_bytes(file.getvalue())
    with pytest.raises(InputError, match=r"is 16385x1; the largest frame is 16384x16384$"):
        load(path)
    Image.new("1", (12000, 16000)).save(path)  # Pillow's own limit is 179 megapixels
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ResourceWarning)  # the file is open until it is decoded
        assert size(path) == (12000, 16000, 1)


def test_further_pictures_and_transparency_are_named(tmp_path: Path) -> None:
    path = tmp_path / "two.gif"
    pages = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    frame, notes = frame_and_notes(path, "u8", 1)
    np.testing.assert_array_equal(frame, GREY)
    assert notes == ["it is the first of several pictures in the file"]
    Image.fromarray(GREY).convert("CMYK").save(tmp_path / "ink.jpg", quality=100)
    notes = frame_and_notes(tmp_path / "ink.jpg", "u8", 3)[1]
    assert notes == ["CMYK is taken as red, green and blue"]
    palette = Image.fromarray(np.dstack([GREY, GREY, GREY])).quantize(6)
    palette.save(tmp_path / "clear.png", transparency=bytes([0, 255, 255, 255, 255, 255]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame, notes = frame_and_notes(tmp_path / "clear.png", "u8", 1)
    np.testing.assert_array_equal(frame, GREY)
    assert notes == ["transparency is dropped"]


@pytest.mark.parametrize("shape, given, taken", [
    ((2, 3), {}, (1, 2, 3, 1)),
    ((2, 3, 4), {}, (1, 2, 3, 4)),
    ((2, 3, 4), {"channels": 1}, (2, 3, 4, 1)),
    ((2, 3, 4), {"width": 4, "height": 3}, (2, 3, 4, 1)),
    ((2, 3, 4), {"width": 3}, (1, 2, 3, 4)),
    ((2, 3, 7), {"channels": 7}, (1, 2, 3, 7)),
    ((2, 3, 65), {}, (2, 3, 65, 1)),
    ((2, 3, 4, 5), {}, (2, 3, 4, 5)),
])
def test_arrays_are_frames_or_batches(
    shape: tuple[int, ...], given: dict[str, int], taken: tuple[int, ...], tmp_path: Path
) -> None:
    array = RANDOM.integers(-9, 10, shape)
    path = tmp_path / "array.npy"
    np.save(path, array)
    found = pictures.open_picture(path, **given)
    assert (found.count, found.height, found.width, found.channels) == taken
    frames, _ = found.frames(width=taken[2], height=taken[1], channels=taken[3],
                             pixel=Sample.parse("s8"))
    np.testing.assert_array_equal(np.reshape(frames, shape), array)


@pytest.mark.parametrize("array, message", [
    (np.zeros((2, 3, 7), int), r"may be one frame of 7 channels or 2 frames: give --channels 7 "),
    (np.zeros((2, 3)), r"holds float64; samples must be integers$"),
    (np.array([[0, 1, 2], [3, 256, 5]]), r"holds 256 \(frame 0, row 1, column 1\); pixel u8 is "),
    (np.zeros(3, int), r"has the shape \(3,\); it must be \(H, W\), "),
    (np.zeros((0, 3), int), "cannot be read: |a frame is from 1x1 to "),
    (np.array([["a"]]), "samples must be integers"),
    (np.array([[{}]]), "cannot be read: "),
])
def test_arrays_that_are_no_frames(array: np.ndarray, message: str, tmp_path: Path) -> None:
    path = tmp_path / "array.npy"
    np.save(path, array)
    with pytest.raises(InputError, match=message):
        load_any(path)


def load_any(path: Path) -> np.ndarray:
    found = pictures.open_picture(path)
    return pictures.load(path, width=found.width, height=found.height, channels=found.channels,
                         pixel=Sample.parse("u8"))


@pytest.mark.parametrize("header", [
    "((((",
    "{'descr':'<i8','fortran_order':False,'shape':(",
    "{'descr':'<i8','fortran_order':False,'shape':(True,True)}",
    f"{{'descr':'<i8','fortran_order':False,'shape':({2**70},1)}}",
])
def test_damaged_arrays(header: str, tmp_path: Path) -> None:
    path = tmp_path / "array.npy"
    text = header.encode().ljust(117) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(64))
    with pytest.raises(InputError, match="cannot be read: "):
        load_any(path)


def test_folders(tmp_path: Path) -> None:
    for name in ("10.png", "9.png", "b.PNG", "notes.txt", ".hidden.png"):
        Image.fromarray(GREY).save(tmp_path / name, "PNG")
    (tmp_path / "empty").mkdir()
    found, passed_over = pictures.find([tmp_path / "b.PNG", tmp_path])
    assert [path.name for path in found] == ["b.PNG", "9.png", "10.png", "b.PNG"]
    assert passed_over == 1
    with pytest.raises(InputError, match=r"x' cannot be read: File name too long$"):
        pictures.find(["x" * 5000])
    with pytest.raises(InputError, match=r"empty' holds no picture: PNG, JPEG, "):
        pictures.find([tmp_path / "empty"])


@pytest.mark.parametrize("count", [300, pytest.param(6000, marks=pytest.mark.slow)])
def test_damage_ends_in_one_error(
    count: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(8)
    deep = rng.integers(0, 65536, (12, 15, 3), dtype=np.uint16)
    colour = Image.fromarray((deep >> 8).astype(np.uint8))
    sound = [cv2.imencode(suffix, deep)[1].tobytes() for suffix in (".png", ".tif", ".ppm")]
    for kind, picture in [(kind, each) for kind in ("PNG", "TIFF", "GIF", "WEBP", "JPEG", "BMP")
                          for each in (colour, colour.convert("L"), colour.quantize(7))]:
        file = io.BytesIO()
        picture = picture.convert("RGB") if kind == "JPEG" else picture
        picture.save(file, kind, **({"compression": "tiff_lzw"} if kind == "TIFF" else {}))
        sound.append(file.getvalue())
    file = io.BytesIO()
    np.save(file, deep)
    sound.append(file.getvalue())
    path = tmp_path / "damaged"
    refusals = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ResourceWarning)
        for number in range(count):
            data = np.frombuffer(sound[number % len(sound)], np.uint8).copy()
            reach = len(data) if number % 2 else min(len(data), 200)
            data[rng.integers(0, reach, 1 + number % 5)] = rng.integers(0, 256, 1 + number % 5)
            path.write_bytes(data[:rng.integers(1, len(data))] if number % 7 == 0 else data)
            try:
                load_any(path)
            except InputError as error:
                refusals.append(str(error))
    assert len(refusals) > count / 5
    assert all(len(each) < 400 and each.isprintable() for each in refusals)
    assert capfd.readouterr() == ("", "")
