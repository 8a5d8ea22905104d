"""Quantised networks: layers of exact integers, in the arithmetic of a named runtime."""

from .argmax import ArgMax
from .average import AverageRequantiser
from .convolution import Convolution
from .folding import Folding, cycles
from .join import Add, Concat, Mul
from .layer import Layer
from .movement import Crop, DepthToSpace, Pad, Resize, SpaceToDepth
from .pair_rule import OnnxAdd, PairRule, TfliteAdd, XnnpackAdd
from .pooling import Pool
from .requantiser import DivideRequantiser, FixedRequantiser, FloatRequantiser, Requantiser
from .table import Table
from .tensor import Tensor
from .value import ARITHMETICS, INPUT, Network


__all__ = [
    "ARITHMETICS", "INPUT", "Add", "ArgMax", "AverageRequantiser", "Concat", "Convolution", "Crop",
    "DepthToSpace", "DivideRequantiser", "FixedRequantiser", "FloatRequantiser", "Folding", "Layer",
    "Mul", "Network", "OnnxAdd", "Pad", "PairRule", "Pool", "Requantiser", "Resize", "SpaceToDepth",
    "Table", "Tensor", "TfliteAdd", "XnnpackAdd", "cycles",
]
