"""Functions that people know and windrow does not have: what is true of each, in a sentence.

The nearest spelling does not help somebody who asks for a threshold.
"""

from collections.abc import Iterable

from .errors import InputError, nearest, shorten


__all__ = ["of_a_library", "unknown"]

#: What stands before a function's own name.
LIBRARIES = ("cv", "cv2", "torch", "nn", "F", "functional", "scipy", "ndimage", "signal", "skimage",
             "filters", "morphology", "matlab", "np", "numpy", "tf", "keras", "kornia", "PIL",
             "ImageFilter", "xf", "intel")

_MOVES = "changes the picture's size or geometry; a filter gives a pixel for each pixel"
_ADAPTS = "has weights that depend on the picture; a linear filter's are the same everywhere"
_FRAMES = "needs to have seen the whole frame, which a stream has not"
_LAYER = ("is a layer that sums over its input channels, of a network; the preset torch.conv2d is "
          "one kernel on one channel, stride 1 and no bias")
_NETWORK = "is a layer of a network: read one from an .onnx or .tflite file"

_GROUPS = {
    "use the key median, or rank with a footprint":
        "median medfilt medfilt2 medfilt2d ordfilt2 MedianFilter RankFilter median_blur",
    "takes the most frequent sample of its window, which no rank is": "ModeFilter modal",
    "use the key erode": "erode binary_erosion imerode MinFilter",
    "use the key dilate": "dilate binary_dilation imdilate MaxFilter",
    "use a stage of a pipeline: open, close, gradient, tophat or blackhat":
        "opening closing imopen imclose tophat blackhat",
    "use the keys erode and dilate, which take its shapes: ellipse:ksize=5":
        "getStructuringElement",
    "use the stage canny of a pipeline, or its preset cv2.Canny": "Canny edge",
    "use the preset cv2.cornerHarris of a pipeline, or the ready one, corners": "corner_harris",
    "use the preset cv2.FastFeatureDetector of a pipeline": "FAST corner_fast",
    "is a chain of filters and decisions; sobel-x and sobel-y give its derivatives":
        "cornerMinEigenVal goodFeaturesToTrack HoughLines HoughCircles findContours ORB SIFT",
    "use a stage of a pipeline: threshold, adaptive_threshold or expr":
        "imbinarize where threshold_local",
    "use the presets cv2.pyrDown and cv2.pyrUp of a pipeline": "pyramid_reduce pyramid_expand",
    "use the preset cv2.resize of a pipeline, by whole factors": "imresize zoom interpolate",
    "use the stage crop of a pipeline": "crop getRectSubPix",
    _MOVES: "warpAffine warpPerspective remap rotate flip transpose "
            "imrotate affine_transform copyMakeBorder pad logPolar "
            "undistort",
    _ADAPTS: "bilateralFilter bilateral fastNlMeansDenoising fastNlMeansDenoisingColored "
             "guidedFilter denoise_bilateral denoise_nl_means wiener wiener2 anisotropicDiffusion "
             "edgePreservingFilter stylization",
    _FRAMES: "equalizeHist calcHist normalize histeq imadjust integral createCLAHE threshold_otsu",
    "use a stage of a pipeline: convert, lut or expr": "rgb2gray rgb2ycbcr gamma split merge",
    "use a bank and an expression in a pipeline: round(sqrt(gx*gx + gy*gy))":
        "hypot gradientMagnitude gaussian_gradient_magnitude "
        "generic_gradient_magnitude",
    "is an angle, whose tangent no expression gives": "cartToPolar phase",
    "use the stage demosaic of a pipeline": "demosaicing demosaic",
    _LAYER: "Conv2d Conv1d Conv3d conv1d conv3d convolution conv_transpose2d "
            "ConvTranspose2d Conv2DTranspose depthwise_conv2d DepthwiseConv2D SeparableConv2D",
    _NETWORK: "max_pool2d MaxPool2d avg_pool2d AvgPool2d AveragePooling2D relu ReLU "
              "softmax Softmax BatchNorm2d batch_norm Linear linear Dropout Dense "
              "adaptive_avg_pool2d AdaptiveAvgPool2d Upsample",
    "use the preset cv2.blur where the box is a square, or the kernel box":
        "boxFilter uniform_filter avg_filter BoxBlur box_blur stackBlur",
    "use the kernel gaussian (with bits=12, say), or the preset cv2.GaussianBlur":
        "gaussian_filter imgaussfilt GaussianFilter gaussian_blur getGaussianKernel",
    "use the kernel laplacian, or the preset cv2.Laplacian": "Laplacian laplace",
    "use the kernel scharr-x or scharr-y, or the preset cv2.Scharr": "Scharr spatial_scharr",
    "use the kernel sobel-x or sobel-y, or the preset cv2.Sobel": "Sobel sobel_h sobel_v",
    "use the preset cv2.filter2D with the product of the two rows as the kernel": "sepFilter2D "
        "sepfir2d",
    "gives an array: save it with numpy.save and give the .npy file as the kernel":
        "getGaborKernel gabor_kernel fspecial",
    "use one of the presets scipy.ndimage.correlate and scipy.ndimage.convolve":
        "correlate1d convolve1d fftconvolve",
}  # fmt: skip

_WORDS = {name.lower(): words if words.startswith("use ") else f"it {words}"
          for words, names in _GROUPS.items() for name in names.split()}


#: The presets by their functions' own names; the presets' table is made with this file.
_PRESETS = {"filter2d", "gaussianblur", "blur", "correlate", "convolve", "convolve2d", "conv2",
            "imfilter", "fir2d", "medianblur", "median_filter", "rank_filter", "percentile_filter",
            "minimum_filter", "maximum_filter", "erosion", "dilation", "grey_erosion",
            "grey_dilation"}


def unknown(what: str, name: str, names: Iterable[str]) -> InputError:
    """The error of a name that is none of ``names``: what was meant, or why it is not here.

    Parameters
    ----------
    what : :class:`str`
        What the name stands for: ``kernel`` or ``preset``.
    name : :class:`str`
        With or without its library's name: ``cv2.medianBlur``, ``medianBlur``.
    names : iterable of :class:`str`
        What is here.
    """
    own = name.rpartition(".")[2]
    listed = list(names)
    same = ([each for each in listed if each.lower() == name.lower()]
            or [each for each in listed if each.rpartition(".")[2] == own])
    words = _WORDS.get(own.lower(), "")
    if what == "kernel" and own.lower() in _PRESETS:
        words = "it is a preset, which has a flag and a key of its own"
    if words and not same:
        return InputError(f"{what} {shorten(name)} is not here: {words}")
    close = nearest(name, same or listed, see=f"windrow {what}s")
    where = "in the catalogue" if what == "kernel" else "known"
    return InputError(f"{what} {shorten(name)} is not {where}: {close}")


def of_a_library(name: str) -> bool:
    """Whether the name starts with that of a library and a dot."""
    first, dot, _ = name.partition(".")
    return bool(dot) and first.lower() in {library.lower() for library in LIBRARIES}
