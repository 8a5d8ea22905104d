"""The network that users meet: the data and golden model, and the way to its hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING

from windrow.model.markup import element, table
from windrow.model.network import Network as NetworkData


if TYPE_CHECKING:
    from windrow.hdl.network.core import NetworkCore

__all__ = ["Network"]


class Network(NetworkData):
    # What `help(Network)` shows: all fields.
    __doc__ = NetworkData.__doc__

    def _repr_html_(self) -> str:
        """What a notebook shows: a row for each layer."""
        facts = f"{self.input} in; {self.tensor(self.output)} out; {self.macs:,} products a frame"
        return table(("layer", "kind", "reads", "output", "products"), [
            (layer.name, type(layer).__name__, ", ".join(layer.inputs), layer.output,
             f"{layer.macs:,}") for layer in self.layers]) + element("p", facts)

    def create(self, *, multipliers: int | None = None, cycles: int | None = None,
               target: str = "generic") -> NetworkCore:
        """The hardware: an Amaranth component with stream members ``i`` and ``o``.

        Parameters
        ----------
        multipliers, cycles : :class:`int`, optional
            Products a clock of all layers together, or clocks a frame, at most; one product a clock
            and layer unless given.
        target : :class:`str`
            A device family: ``ecp5``, ``ice40``, ``gowin`` or ``generic``.

        Raises
        ------
        :exc:`~windrow.model.errors.InputError`
            If a budget cannot be met, or a layer cannot be built.
        """
        from windrow.hdl.network.core import NetworkCore  # late: Amaranth comes with it
        from windrow.hdl.network.planning import plan_network

        plan = None if multipliers is None and cycles is None else plan_network(
            self, multipliers=multipliers, cycles=cycles)
        return NetworkCore(self, target=target, plan=plan)
