"""What the documents say of the registers, without hardware."""

from dataclasses import dataclass, field

from windrow.hdl.control.register_map import ERRORS, Register, RegisterMap


OKAY, SLVERR = 0, 2


@dataclass
class RegisterModel:
    """The register port of a filter, access by access.

    ``written`` is what the settings read as, ``committed`` what the core is given, both by byte
    offset.
    """

    map: RegisterMap
    pending: bool = False
    resized: bool = False
    written: dict[int, int] = field(default_factory=dict)
    committed: dict[int, int] = field(default_factory=dict)
    events: int = 0
    enabled: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    _size_written: bool = False

    def __post_init__(self) -> None:
        self.places: dict[int, tuple[Register, int]] = {
            offset: (register, index)
            for register in self.map.registers for index, offset in enumerate(register.offsets)}
        self.written = {offset: register.resets[index]
                        for offset, (register, index) in self.places.items() if register.buffered}
        self.committed = dict(self.written)
        self.counts = dict.fromkeys([*ERRORS, "frame"], 0)

    def write(self, address: int, word: int, strobe: int = 0xF) -> int:
        """Return the answer to a write."""
        offset = address & ~3
        if offset not in self.places or strobe != 0xF:
            return SLVERR
        register, _ = self.places[offset]
        if not register.allows(word):
            return SLVERR
        if register.buffered:
            self.written[offset] = word
            self._size_written |= register.name == "SIZE"
        elif register.name == "COMMIT" and word:
            self.committed = dict(self.written)
            self.pending = True
            self.resized |= self._size_written
            self._size_written = False
        elif register.name == "EVENTS":
            self.events &= ~word
        elif register.name == "INTERRUPT_ENABLE":
            self.enabled = word
        return OKAY

    def read(self, address: int) -> tuple[int, int]:
        """Return word and answer of a read."""
        offset = address & ~3
        if offset not in self.places:
            return 0, SLVERR
        register, index = self.places[offset]
        if register.buffered:
            return self.written[offset], OKAY
        counters = {"FRAMES": "frame"} | {name: event for event, name in ERRORS.items()}
        match register.name:
            case "COMMIT":
                return int(self.pending), OKAY
            case "STATUS":
                return self.pending | self.interrupt << 1, OKAY
            case "EVENTS":
                return self.events, OKAY
            case "INTERRUPT_ENABLE":
                return self.enabled, OKAY
            case name if name in counters:
                bits = 32 if name == "FRAMES" else 16
                return self.counts[counters[name]] % (1 << bits), OKAY
        return register.resets[index], OKAY

    def happens(self, *names: str) -> None:
        """Events come from the core, all in one cycle."""
        for name in names:
            self.events |= next(f.mask for f in self.map["EVENTS"].fields if f.name == name)
            if name in self.counts:
                self.counts[name] += 1
        if "taken" in names:
            self.pending = self.resized = False

    @property
    def interrupt(self) -> bool:
        """The interrupt output."""
        return bool(self.events & self.enabled)

    def setting(self, name: str) -> int | list[int]:
        """A setting as the core is given it."""
        for register in self.map.registers:
            for each in register.fields:
                if register.buffered and each.name == name:
                    values = [each.decode(self.committed[offset]) for offset in register.offsets]
                    return values if register.name == "COEFFICIENT" else values[0]
        raise KeyError(name)
