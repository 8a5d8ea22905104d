"""A network that looks at a box in the middle of the picture, and says on the screen what it sees.

A frame passes through unstopped. What lies in the box is made as small as the network's input
(:mod:`.box_sampler`) and goes into the network whenever it is free; what it says of the classes
(:mod:`.scores`) is drawn over the frames that follow (:mod:`.overlay`), at the places of a
:class:`~.layout.Layout`.
"""

from .layout import Layout
from .recogniser import Recogniser


__all__ = ["Layout", "Recogniser"]
