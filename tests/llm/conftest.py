"""A server, a cache and an environment of one's own for every test that asks."""

import pytest

from kforge.domain.model.vendors import VENDORS
from tests import wishes
from tests.conftest import copied
from tests.llm.server import MODEL, serving


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """Nothing of this machine's user: no key, no address, no configuration, no cache."""
    for vendor in VENDORS:
        for name in (*vendor.keys, *vendor.urls, *vendor.accounts):
            monkeypatch.delenv(name, raising=False)
    for name in ("PROVIDER", "MODEL", "BASE_URL", "API_KEY", "ALLOW_REMOTE", "GPU"):
        monkeypatch.delenv(f"KFORGE_{name}", raising=False)
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / "caches"))


@pytest.fixture
def model(monkeypatch):
    """An obedient server, named by the environment."""
    with serving() as asked:
        monkeypatch.setenv("KFORGE_BASE_URL", asked.url)
        yield asked


def asking(folder, name="hello", model=MODEL, decides=""):
    """A copy of an example whose spec leaves its questions, or those of some topics, to a model, and gives it one of each to answer."""
    copied(name, folder)
    wishes.wish(folder / "app.kforge.yaml")
    with (folder / "app.kforge.yaml").open("a") as spec:
        spec.write(f"model: {{name: {model}{f', decides: [{decides}]' if decides else ''}}}\n")
    return folder


@pytest.fixture
def hello(tmp_path):
    return asking(tmp_path / "hello")
