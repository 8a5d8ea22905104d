"""What is right: the filter as data, its golden model, named kernels and library presets."""

from .errors import InputError
from .filter import Filter
from .kernel_files import parse_kernel
from .pipeline import Pipeline
from .quantise import quantise
from .sample import Sample
from .sides import Sides


__all__ = ["Filter", "InputError", "Pipeline", "Sample", "Sides", "parse_kernel", "quantise"]
