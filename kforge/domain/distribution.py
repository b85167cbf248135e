"""The name under which kforge is published, and how messages say that one of its extras is to be installed."""

from __future__ import annotations

DISTRIBUTION = "kforge-build"  # package and command are `kforge`, a name that is another project's on PyPI


def installing(extra: str) -> str:
    """The command that adds what an extra of pyproject.toml brings: `` `pip install "kforge-build[local]"` ``."""
    return f'`pip install "{DISTRIBUTION}[{extra}]"`'
