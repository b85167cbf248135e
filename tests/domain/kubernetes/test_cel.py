"""Rules of CRDs, asked as the API server asks them; `tests/cluster/test_routes.py` holds whole objects against a real one."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.kubernetes.cel import CelError, compiled, holds


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ("self.a == 1 && self.b != 'x'", {"a": 1, "b": "y"}, True),
        ("self.a == 1 && self.b != 'x'", {"a": 1, "b": "x"}, False),
        ("self == true", 1, False),  # values of two types are never equal
        ("has(self.a) ? self.a > 2 : true", {}, True),
        ("has(self.a) ? self.a > 2 : true", {"a": 1}, False),
        ("!has(self.a) || self.a.size() < 3", {"a": "abc"}, False),
        ("self.a < 1 || self.b", {"b": True}, True),  # the side that has an answer settles it
        ("self.all(x, x.startsWith('/'))", ["/a", "b"], False),
        ("self.exists(x, x in ['a', 'b'])", ["c", "b"], True),
        ("self.exists_one(x, x == 'a')", ["a", "a"], False),
        ("self.filter(x, x > 1).size() == 2", [1, 2, 3], True),
        ("self.all(a, self.exists_one(b, a == b))", ["x", "y"], True),
        ("self[0].size() + self[1].size() <= 3", ["ab", "cd"], False),
        ("self.__namespace__ == 'x'", {"namespace": "x"}, True),
        ("self.matches('^[a-z]+$')", "aB", False),
        ('self.matches(r"""^(?i)[a-z]+$""")', "aB", True),
        ("self.split('/')[0] == 'a' && self.substring(2) == 'b'", "a/b", True),
        ("duration(self.a) > duration(self.b)", {"a": "1m", "b": "59s"}, True),
        ("duration(self.a) > duration(self.b)", {"a": "1s500ms", "b": "1600ms"}, False),
        ("isIP(self)", "10.0.0.1", True),
        ("isIP(self)", "a.example.com", False),
        ("self.a.size() > 0", {}, False),  # asked of a field that is not there, a rule is broken
        ("self == oldSelf", "new", True),  # about changes
    ],
)
def test_a_rule_is_asked_of_a_value(rule: str, value: Any, expected: bool) -> None:
    assert holds(rule, value) is expected


@pytest.mark.parametrize(
    "rule", ["self.", "self.a ==", "unknown(self)", "self.frobnicate()", "(self", "self self", "#"]
)
def test_what_is_not_of_the_language_is_known_as_such_and_left_to_the_api_server(rule: str) -> None:
    with pytest.raises(CelError):
        compiled(rule)
    assert holds(rule, {})
