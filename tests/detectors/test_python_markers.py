"""Environment markers as pip judges them, for an image."""

from __future__ import annotations

import pytest

from kforge.detectors.python_markers import holds

HOLD = [
    "",
    "python_version >= '3.9'",
    "python_version < '4'",
    'python_version == "3.12"',
    "'3.8' < python_version",
    "python_full_version >= '3.11.3' and sys_platform != 'win32'",
    "(sys_platform == 'win32' or platform_machine == 'x86_64') and implementation_name == 'cpython'",
    "sys_platform in 'linux darwin'",
    "'linux' in sys_platform",
    "python_version not in '3.6 3.7'",
    "platform_release == '6.1'",
    "sys_platform == 'win32' or sys_platform == 'linux'",
    "((((python_version > '3'))))",
    "not understood at all",
    "python_version >=",
    "(python_version >= '3.9'",
    "(" * 500 + "python_version >= '3.9'" + ")" * 500,
    "python_version >= '3.9' garbage",
]
DO_NOT = [
    "sys_platform == 'win32'",
    "os_name == 'nt' and python_version >= '3'",
    "python_version < '3.11'",
    "python_version != '3.12'",
    "platform_python_implementation == 'PyPy'",
    "'win' in sys_platform",
    "extra == 'speed'",
    "python_version in '3.6, 3.7'",
    "sys_platform == 'linux' and extra == 'speed'",
]


@pytest.mark.parametrize("marker", HOLD)
def test_it_holds_or_nothing_shows_that_it_does_not(marker: str) -> None:
    assert holds(marker, 12)


@pytest.mark.parametrize("marker", DO_NOT)
def test_it_does_not_hold(marker: str) -> None:
    assert not holds(marker, 12)


def test_an_extra_holds_where_it_is_asked_for() -> None:
    assert holds("extra == 'speed' and python_version > '3'", 12, frozenset(("speed",)))
