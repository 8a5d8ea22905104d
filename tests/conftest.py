"""What is printed does not depend on the terminal and the machine's speed."""

import pytest

from windrow import console


@pytest.fixture(autouse=True)
def _wide_and_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    monkeypatch.setattr(console, "PATIENCE", 1e6)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One case in n of a test that is ``thinned(n)`` runs by default; the others are slow ones."""
    seen: dict[str, int] = {}
    for item in items:
        thinned = item.get_closest_marker("thinned")
        if thinned is not None:
            name = item.nodeid.partition("[")[0]
            seen[name] = seen.get(name, -1) + 1
            if seen[name] % thinned.args[0]:
                item.add_marker(pytest.mark.slow)
