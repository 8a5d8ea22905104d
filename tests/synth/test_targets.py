"""The table of devices."""

import re

import pytest

from windrow import synth_command
from windrow.model import InputError
from windrow.synth import TARGETS, target
from windrow.synth.targets import PLACERS


def test_the_targets_that_users_hold_on_to() -> None:
    assert list(TARGETS) == ["ecp5-25k", "ecp5-85k", "up5k", "hx8k", "gw1n-9", "gw2a-18",
                             "ccgm1a1"]
    assert re.split(", | or ", synth_command.TARGET_NAMES) == list(TARGETS)
    assert re.split(", | or ", synth_command.PLACER_NAMES) == list(PLACERS)
    assert {each.family for each in TARGETS.values()} == {"ecp5", "ice40", "gowin", "gatemate"}
    assert all(TARGETS[name].name == name for name in TARGETS)


def test_a_family_of_one_device_stands_for_it() -> None:
    assert target("gatemate") is TARGETS["ccgm1a1"]


def test_a_part_that_lacks_what_its_family_has() -> None:
    assert {name: each.components for name, each in TARGETS.items()} == {
        name: "hx8k" if name == "hx8k" else each.family for name, each in TARGETS.items()}


def test_whose_dsps_have_no_delays() -> None:
    assert [name for name in TARGETS if not TARGETS[name].dsp_delays] == ["gw1n-9", "gw2a-18"]


@pytest.mark.parametrize("name, words", [
    ("hx8", "is not known: did you mean 'hx8k'"),
    ("virtex", "is not known: devices of AMD, Intel and other vendors need their own tools, "
               ".*gw2a-18"),
    ("ecp5", "is a family, not a device: choose from ecp5-25k, ecp5-85k$"),
    ("ice40", "is a family, not a device: choose from up5k, hx8k$"),
])
def test_a_target_that_is_not_there(name: str, words: str) -> None:
    with pytest.raises(InputError, match=f"^target {name!r} {words}"):
        target(name)


def test_other_arguments_of_the_router() -> None:
    plain, changed = target("ecp5-25k"), target("ecp5-25k").with_arguments("--placer=heap", "--x")
    assert changed.with_arguments("--x").arguments == changed.arguments
    assert changed.arguments[-3:] == ("--placer", "heap", "--x")
    assert "static" in plain.arguments
    assert "static" not in changed.arguments
    gowin = target("gw1n-9")
    assert gowin.with_arguments("--vopt=a=b").arguments == (*gowin.arguments, "--vopt", "a=b")
