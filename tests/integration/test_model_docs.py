"""What `docs/servers.md` says is what the code reads."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from kforge.domain.model.vendors import BY_NAME, EMBEDDED, NAMES, SERVERS, VENDORS
from kforge.system.config_file import KEYS
from kforge.system.http.servers import PORTS
from kforge.system.settings import FILE, Flags, settle
from tests.integration.conftest import ROOT

SECTION = (ROOT / "docs/servers.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", SECTION, re.S)[0]
READ = set(re.findall(r"\bKFORGE_[A-Z_]+\b", "\n".join(path.read_text() for path in (ROOT / "kforge").rglob("*.py"))))


def test_the_example_holds_every_key_of_the_configuration() -> None:
    assert list(tomllib.loads(EXAMPLE)) != [] and set(tomllib.loads(EXAMPLE)) == set(KEYS)


def test_the_example_is_taken(tmp_path: Path) -> None:
    (tmp_path / "kforge").mkdir()
    (tmp_path / "kforge" / FILE).write_text(EXAMPLE)
    told = settle(Flags(), {"XDG_CONFIG_HOME": str(tmp_path)}, tmp_path)
    assert told.provider and told.model and told.base_url and told.gpu
    assert (told.consent, told.parallel, told.context) == (("api.openai.com",), 4, 16384)
    assert (told.requests_per_minute, told.tokens_per_minute, [file.name for file in told.files]) == (
        500,
        200000,
        ["qwen2.5-coder:14b"],
    )


def test_every_variable_of_ours_is_documented_and_no_other() -> None:
    assert set(re.findall(r"KFORGE_[A-Z_]+", SECTION)) == READ


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
def test_every_variable_of_a_vendor_is_documented_in_its_order(vendor) -> None:
    (row,) = re.findall(rf"^\| `{vendor.name}` \|.*$", SECTION, re.M)
    assert re.findall(r"`([A-Z_]+)`", row) == [*vendor.keys, *vendor.accounts, *vendor.urls]
    assert not vendor.base_url or vendor.base_url.split("/")[2] in row


def test_every_provider_is_documented() -> None:
    cells = " ".join(re.findall(r"^\| (`.*?) \| ", SECTION.partition("| variable |")[0], re.M))
    assert set(re.findall(r"`([a-z-]+)`", cells)) == set(NAMES) == {*BY_NAME, *SERVERS, EMBEDDED}


def test_every_known_port_is_documented() -> None:
    assert {
        int(port) for port in re.findall(r"\b(\d{4,5})\b", SECTION.partition("on a known port")[2].partition(")")[0])
    } == set(PORTS)
