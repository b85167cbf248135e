"""What the detector of credentials finds and what it mistakes, as text: python -m tests.secrets.report >
tests/secrets/recall.txt
"""

from __future__ import annotations

import platform
import sysconfig
import tempfile
from collections import Counter
from pathlib import Path

from kforge.domain.secrets.redact import redact
from tests.secrets.places import PLACES
from tests.secrets.planted import PLANTED

SPECS = Path(__file__).parents[2] / "specs"
ALARMS = "\nfalse alarms on ordinary code\n"
SUFFIXES = (".py", ".js", ".ts", ".go", ".json", ".yaml", ".toml", ".txt", ".sql")


def recall() -> str:
    """Of every place: how many of the credentials that were planted there came out nowhere."""
    lines = [f"credentials that come out nowhere, of {len(PLANTED)} forms planted in each place", ""]
    for place, perform in PLACES.items():
        missed = []
        for planted in PLANTED:
            with tempfile.TemporaryDirectory() as folder:
                text = perform(planted, Path(folder))
            missed += [planted.kind for needle in planted.needles if needle in text][:1]
        lines.append(f"{place:14} {len(PLANTED) - len(missed):3}{'   leaks: ' + ', '.join(missed) if missed else ''}")
    found = [planted for planted in PLANTED if not any(needle in redact(planted.text) for needle in planted.needles)]
    alone = ", ".join(planted.kind for planted in PLANTED if planted not in found)
    return "\n".join(
        [*lines, "", f"found by form or place: {len(found)} of {len(PLANTED)}", f"only beside its name: {alone}", ""]
    )


def alarms() -> str:
    """Lines of code without credentials that are changed all the same."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    lines = []
    for name, root in (
        ("the examples' sources", SPECS),
        (f"the standard library of Python {platform.python_version()}", stdlib),
    ):
        counted: Counter[str] = Counter()
        for path in sorted(root.rglob("*")):
            if path.suffix in SUFFIXES and not {"site-packages", "test", "tests", ".kforge", "deploy"} & set(
                path.relative_to(root).parts
            ):
                counted.update(_changed(path))
        lines.append(f"{name}: {counted['changed']} of {counted['lines']} lines")
    return "\n".join(lines) + "\n"


def _changed(path: Path) -> Counter[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError):
        return Counter()
    before, after = text.split("\n"), redact(text, path.name).split("\n")
    return Counter(lines=len(before), changed=sum(one != other for one, other in zip(before, after, strict=True)))


if __name__ == "__main__":
    print(recall() + ALARMS + "\n" + alarms(), end="")
