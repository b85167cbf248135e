"""A hostile source with files that are called as modules of Python or pip: no command runs these."""

from __future__ import annotations

import pytest

from kforge.domain.model.question import Rejected
from tests.questions import WEB, question, taken

FILES = (
    "http/server.py", "http/__init__.py", "pip.py", "pip/main.py", "code.py", "flask/cli.py", "shop/__init__.py", "shop/serve.py",
)  # fmt: skip


def test_a_module_of_the_source_may_be_started() -> None:
    command = ["python", "-m", "shop.serve"]
    assert taken(question("process", WEB, readable=FILES), command=command)["command"] == command


@pytest.mark.parametrize(
    "module", ["http.server", "pip", "pip.main", "code", "flask.cli", "shop.other", "..shop.serve", "/shop/serve"]
)
def test_another_module_may_not(module: str) -> None:
    with pytest.raises(Rejected):
        taken(question("process", WEB, readable=FILES), command=["python", "-m", module])
