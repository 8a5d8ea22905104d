"""Names that the help lists and the shell completes, without the modules that they stand for.

Those bring numpy and Amaranth with them, and nobody should wait for these at a tab key. A test
compares the lists.
"""

__all__ = ["BOARDS", "DESIGNS", "DEVICES", "ENGINES", "FAMILIES", "KERNELS", "NETLISTS", "PRESETS",
           "STRATEGIES"]

KERNELS = (
    "identity", "box", "gaussian", "binomial", "motion-blur", "sharpen", "unsharp", "emboss",
    "high-pass", "deblur", "deblur-motion", "sobel-x", "sobel-y", "prewitt-x", "prewitt-y",
    "scharr-x", "scharr-y", "roberts-x", "roberts-y", "laplacian", "laplacian-of-gaussian",
    "gaussian-derivative-x", "gaussian-derivative-y")
PRESETS = (
    "cv2.filter2D", "cv2.GaussianBlur", "cv2.blur", "cv2.Sobel", "cv2.Scharr", "cv2.Laplacian",
    "cv2.spatialGradient", "scipy.ndimage.correlate", "scipy.ndimage.convolve",
    "scipy.signal.convolve2d", "matlab.conv2", "matlab.imfilter", "torch.conv2d", "xf.filter2D",
    "intel.fir2d", "cv2.medianBlur", "cv2.erode", "cv2.dilate", "scipy.ndimage.median_filter",
    "scipy.ndimage.minimum_filter", "scipy.ndimage.maximum_filter", "scipy.ndimage.grey_erosion",
    "scipy.ndimage.rank_filter", "scipy.ndimage.percentile_filter", "scipy.ndimage.grey_dilation",
    "skimage.morphology.erosion", "skimage.morphology.dilation", "skimage.filters.median",
    "cv2.morphologyEx", "cv2.threshold", "cv2.adaptiveThreshold", "cv2.Canny",
    "cv2.convertScaleAbs", "cv2.inRange", "cv2.magnitude", "cv2.cvtColor", "cv2.bitwise_not",
    "cv2.add", "cv2.subtract", "cv2.absdiff", "cv2.min", "cv2.max", "cv2.bitwise_and",
    "cv2.bitwise_or", "cv2.bitwise_xor", "cv2.addWeighted", "cv2.multiply", "cv2.divide",
    "cv2.compare", "cv2.LUT", "cv2.pyrDown", "cv2.pyrUp", "cv2.resize", "cv2.FastFeatureDetector",
    "cv2.cornerHarris", "scipy.ndimage.grey_opening", "skimage.morphology.opening",
    "scipy.ndimage.grey_closing", "skimage.morphology.closing", "scipy.ndimage.white_tophat",
    "skimage.morphology.white_tophat", "scipy.ndimage.black_tophat",
    "skimage.morphology.black_tophat", "scipy.ndimage.morphological_gradient",
    "scipy.ndimage.morphological_laplace")
DESIGNS = (
    "canny", "cartoon", "contrast", "corners", "debayer", "denoise", "difference-of-gaussians",
    "document", "edges", "grey", "outline", "sharpen", "silhouette", "sketch", "spots")
BOARDS = (
    "ulx3s-12f", "ulx3s-25f", "ulx3s-45f", "ulx3s-85f", "icepi-zero", "colorlight-i5",
    "ecp5-evn", "icebreaker", "tang-nano-9k", "tang-nano-20k", "gatemate-evb")
DEVICES = ("ecp5-25k", "ecp5-85k", "up5k", "hx8k", "gw1n-9", "gw2a-18", "ccgm1a1")
FAMILIES = ("generic", "ecp5", "ice40", "gowin", "gatemate")
STRATEGIES = (
    "auto", "adder-graph", "multipliers", "symmetric", "separable", "separable-multipliers",
    "sorting-network", "bit-search", "doubling", "running-sum", "time-folded",
    "runtime-multipliers")
ENGINES = ("verilator", "icarus", "cocotb", "pysim")
NETLISTS = ("ecp5", "ice40")
