"""Every way to make a filter, with what it is expected to take: see :func:`plan`."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..hdl import VideoCore
from ..hdl.core import frame_geometry
from ..hdl.devices import DEVICES, Device, device, unknown_target
from ..hdl.strategies import AUTO, STRATEGIES, choose
from ..model import Filter
from ..model.markup import element, table
from ..sim.engine import Progress
from .census import census
from .prediction import Prediction, predict
from .targets import TARGETS, Target


__all__ = ["Candidate", "Plan", "plan"]

#: What is called the same number of LUTs: predictions are no better than this.
TOLERANCE = 0.1


@dataclass(frozen=True)
class Candidate:
    """A strategy's cheapest realisation.

    Parameters
    ----------
    strategy : :class:`str`
        Name of the strategy.
    latency : :class:`int`
        Clock cycles, as :attr:`windrow.hdl.Core.latency`.
    prediction : :class:`~.prediction.Prediction`
        What it is expected to take.
    """

    strategy: str
    latency: int
    prediction: Prediction


@dataclass(frozen=True)
class Plan:
    """What :func:`plan` returns.

    Parameters
    ----------
    device : :class:`~windrow.hdl.devices.Device`
        The device family.
    target : :class:`~.targets.Target` or ``None``
        The device, where one was named.
    candidates : tuple of :class:`Candidate`
        One for each strategy that applies.
    others : tuple of :class:`str`
        The strategies that do not.
    choice : :class:`str`
        The strategy that ``auto`` takes.
    """

    device: Device
    target: Target | None
    candidates: tuple[Candidate, ...]
    others: tuple[str, ...]
    choice: str

    @property
    def chosen(self) -> Candidate:
        """The candidate that ``auto`` takes."""
        return next(each for each in self.candidates if each.strategy == self.choice)

    @property
    def reason(self) -> str:
        """Why, in numbers and in one line. Where the choice fits, only against what does too."""
        fitting = [each for each in self.candidates if not too_large(each.prediction, self.target)]
        if len(fitting) == len(self.candidates) or self.chosen not in fitting:
            return _reason(self.chosen, self.candidates, "applies", "")
        return _reason(self.chosen, fitting, "fits", " that fit")

    @property
    def overflow(self) -> str:
        """What of the device the choice has too much of, in words; empty where it fits."""
        return too_large(self.chosen.prediction, self.target)

    @property
    def alternative(self) -> str | None:
        """The strategy of fewest LUTs that fits, whatever memory it takes; ``None``: there is none.
        """
        fitting = [each for each in self.candidates if not too_large(each.prediction, self.target)]
        return min(fitting, key=lambda each: each.prediction.luts).strategy if fitting else None

    def _repr_html_(self) -> str:
        """What a notebook shows: the strategies, the choice marked."""
        return table(("strategy", "LUTs", "FFs", "multipliers", "RAMs", "latency, cycles",
                      "clock, MHz"), [
            (element("b", each.strategy) if each is self.chosen else each.strategy,
             each.prediction.luts, each.prediction.flip_flops, each.prediction.dsps,
             f"{each.prediction.memory_bits} bits" if each.prediction.rams is None
             else each.prediction.rams, each.latency,
             "" if each.prediction.clock is None else f"{each.prediction.clock:.0f}")
            for each in self.candidates]) + element("p", self.reason)


def too_large(prediction: Prediction, target: Target | None) -> str:
    """What a device has too little of, in words; nothing where none was named."""
    if target is None:
        return ""
    counts = (
        ("luts", "LUTs", prediction.luts),
        ("flip_flops", "FFs", prediction.flip_flops),
        ("dsps", "multipliers", prediction.dsps),
        ("rams", "RAMs", prediction.rams or 0),
        ("large_rams", "large RAMs", prediction.large_rams),
    )
    capacity = target.capacity
    return ", ".join(f"{count} of {capacity[resource]} {name}"
                     for resource, name, count in counts if count > capacity[resource])


def device_of(target: str) -> tuple[Device, Target | None]:
    """The family, and the device where one is named.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If it is neither a device nor a family.
    """
    if target in TARGETS:
        return device(TARGETS[target].components), TARGETS[target]
    if target not in DEVICES:
        raise unknown_target(target, [*TARGETS, *DEVICES])
    return DEVICES[target], None


def plan(
    filter: Filter,
    target: str,
    *,
    progress: Progress = lambda text, done, total: None,
) -> Plan:
    """Predict what each strategy that applies to a filter takes of a device.

    Makes the core of each, which takes a fraction of a second for a small kernel, seconds for
    15x15, and minutes for 31x31.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter`
        The filter.
    target : :class:`str`
        A device of :data:`.targets.TARGETS`, or a family of :data:`windrow.hdl.devices.DEVICES`.
    progress : callable, optional
        Told each strategy.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If there is no such target.
    """
    device, part = device_of(target)
    components = device.name if part is None else part.components
    geometry = frame_geometry(filter, device)
    total = len(STRATEGIES) + 1
    candidates: list[Candidate] = []
    others: list[str] = []
    for number, (name, strategy) in enumerate(STRATEGIES.items()):
        progress(name, number, total)
        if not strategy.implement(filter, geometry, device):
            others.append(name)
            continue
        top = VideoCore(filter, target=components, strategy=name)
        latency = top.latency
        candidates.append(Candidate(name, latency, predict(census(top), device, part)))
    progress(AUTO, total - 1, total)
    choice = choose(filter, geometry, device, AUTO).strategy
    return Plan(device, part, tuple(candidates), tuple(others), choice)


def _reason(
    chosen: Candidate, candidates: Sequence[Candidate], rule: str, which: str
) -> str:
    least = chosen.prediction.luts
    text = f"{chosen.strategy}: {least} LUTs, "
    others = sorted((each for each in candidates if each is not chosen),
                    key=lambda each: each.prediction.luts)
    if not others:
        return text + f"the only strategy that {rule}"
    smaller = [each for each in others if each.prediction.luts < least]
    trades = {each.strategy: _more(each, chosen) for each in smaller}
    rivals = [each for each in smaller if not trades[each.strategy]]
    if rivals:
        rival = rivals[0]
        share = 1 - rival.prediction.luts / least
        text += f"chosen for its adders and registers; {rival.strategy} may take {share:.0%} less"
        if share <= TOLERANCE:
            text += ", less than the prediction's error"
    elif trades:
        kept = sorted({name for more in trades.values() for name in more})
        own = _countable(chosen.prediction)
        text += "the least of the strategies that keep to " + " and ".join(
            _amount(own[name], name) for name in kept)
    else:
        second = others[0].prediction.luts
        text += (f"the least of {len(candidates)} strategies{which}; {others[0].strategy} would "
                 f"take {'as many' if second == least else second}")
    for each in smaller:
        if trades[each.strategy]:
            more = " and ".join(
                _amount(count, name) for name, count in trades[each.strategy].items())
            text += f"; {each.strategy} would take {each.prediction.luts} and {more}"
    return text


def _more(candidate: Candidate, chosen: Candidate) -> dict[str, int]:
    """What a candidate has more of than the chosen one, LUTs and flip-flops aside."""
    own = _countable(chosen.prediction)
    return {name: count for name, count in _countable(candidate.prediction).items()
            if count > own[name]}


def _amount(count: int, name: str) -> str:
    return f"{count or 'no'} {name.removesuffix('s') if count == 1 else name}"


def _countable(prediction: Prediction) -> dict[str, int]:
    memory = ({"bits of memory": prediction.memory_bits} if prediction.rams is None
              else {"RAMs": prediction.rams})
    return {"multipliers": prediction.dsps, **memory, "large RAMs": prediction.large_rams}
