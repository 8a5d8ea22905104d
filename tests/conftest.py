"""What is printed does not depend on the terminal and the machine's speed."""

import pytest

from windrow import report


@pytest.fixture(autouse=True)
def _wide_and_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    monkeypatch.setattr(report, "PATIENCE", 1e6)
