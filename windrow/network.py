"""The network that users meet: the data and golden model, and the way to its hardware."""

from windrow.model.network import Network as NetworkData


__all__ = ["Network"]


class Network(NetworkData):
    # What `help(Network)` shows: all fields.
    __doc__ = NetworkData.__doc__
