"""Networks of others, where they are at hand."""

from collections.abc import Callable
from pathlib import Path

import pytest
from runtimes import products_are_exact


MODELS = Path(__file__).resolve().parents[5] / "shared" / "models"


@pytest.fixture(scope="session")
def model() -> Callable[[str], Path]:
    """Of a file's name its path; the test is skipped where the file is not at hand."""
    def find(name: str) -> Path:
        if not (MODELS / name).is_file():
            pytest.skip(f"{name} is not at hand")
        return MODELS / name
    return find


@pytest.fixture(scope="session")
def exact_products() -> None:
    """Skip a test where ONNX Runtime clips sums of u8 and s8 products: without VNNI."""
    if not products_are_exact():
        pytest.skip("ONNX Runtime clips sums of u8 and s8 products on this processor")
