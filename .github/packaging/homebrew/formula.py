"""An sdist and its pinned dependencies → the Homebrew formula, on standard output.

    uv pip compile --quiet --python-version 3.13 --format pylock.toml --output-file pylock.toml pyproject.toml
    python .github/packaging/homebrew/formula.py dist/packages/kforge_build-1.0.0.tar.gz pylock.toml > kforge.rb

Addresses and digests of the dependencies are those that the index told uv; that of kforge's own sdist is where PyPI
keeps it, and its digest is worked out from the file. It asks no network itself.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).with_name("kforge.rb.in")
FILES = "https://files.pythonhosted.org/packages/source"


def formula(sdist: Path, pylock: str) -> str:
    """Raises SystemExit for a file that is no sdist of kforge, and for a dependency that Homebrew cannot install."""
    named = re.fullmatch(r"(kforge_build)-(\d[\w.]*)\.tar\.gz", sdist.name)
    if named is None:
        raise SystemExit(f"error: `{sdist.name}` is no sdist of kforge")
    filled = {
        "URL": f"{FILES}/k/{named[1]}/{sdist.name}",
        "SHA256": hashlib.sha256(sdist.read_bytes()).hexdigest(),
        "VERSION": named[2],
        "RESOURCES": "\n\n".join(resources(tomllib.loads(pylock))),
    }
    return re.sub(r"@([A-Z0-9]+)@", lambda match: filled[match[1]], TEMPLATE.read_text(encoding="utf-8"))


def resources(locked: Mapping[str, Any]) -> Iterator[str]:
    """A block for each package of a pylock.toml (PEP 751), by name."""
    for package in sorted(locked["packages"], key=lambda each: each["name"]):
        file = _file(package)
        lines = [
            f'resource "{package["name"]}" do',
            f'  url "{file["url"]}"',
            f'  sha256 "{file["hashes"]["sha256"]}"',
            "end",
        ]
        yield "\n".join(f"  {line}" for line in lines)


def _file(package: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sdist, or the one wheel for all machines: Homebrew installs either."""
    wheels = [wheel for wheel in package.get("wheels", ()) if wheel["url"].endswith("-py3-none-any.whl")]
    for file in (package.get("sdist"), *wheels):
        if file is not None:
            return file  # type: ignore[no-any-return]
    raise SystemExit(f"error: `{package['name']}` has neither an sdist nor a wheel for all machines")


if __name__ == "__main__":
    sys.stdout.write(formula(Path(sys.argv[1]), Path(sys.argv[2]).read_text(encoding="utf-8")))
