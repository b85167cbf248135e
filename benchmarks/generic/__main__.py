"""Twenty small servers in languages without a detector: how many are drafted, checked, and start where the toolchain is
here. `python -m benchmarks.generic` prints a table; `--write` writes results.md; `--model NAME` asks the server that the
environment names (`KFORGE_BASE_URL`) about those that no rule can build, instead of playing a reader who is right.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import yaml

from benchmarks.generic.trial import HERE, Tried, tried

FOLDER = Path(__file__).parent
PAGE = FOLDER / "results.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", metavar="NAME", help="only sources whose name holds it")
    parser.add_argument("--model", default="", metavar="NAME", help="a model that is asked where no rule can build")
    parser.add_argument("--write", action="store_true", help="write results.md")
    options = parser.parse_args()
    sources = yaml.safe_load((FOLDER / "sources.yaml").read_text(encoding="utf-8"))
    rows = {}
    for name, source in sources.items():
        if options.k in name and (not options.model or "reads" in source):
            rows[name] = tried(source, options.model)
            print(f"{name}: {_line(rows[name])}", flush=True)
    text = page(rows)
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    return 0


def page(rows: dict[str, Tried]) -> str:
    """The table, with the figures first."""
    here = [each for each in rows.values() if each.started != HERE]
    figures = (
        f"{sum(each.drafted == 'yes' for each in rows.values())} of {len(rows)} are drafted, "
        f"{sum(each.checked == 'yes' for each in rows.values())} pass `check --full`, "
        f"{sum(each.waits == 'yes' for each in rows.values())} wait for approval; "
        f"{sum(each.started == 'yes' for each in here)} of the {len(here)} whose toolchain is here start and answer."
    )
    head = "| source | toolchain | drafted by | drafted | checked | waits | starts | notes |\n|---|---|---|---|---|---|---|---|"
    body = "\n".join(f"| {name} | {_line(each)} |" for name, each in rows.items())
    about = (
        "Written by `python -m benchmarks.generic --write`; the sources, our own, are in `sources.yaml`. What is performed runs "
        "with the tools and versions of the machine (Debian 12), not in the images, and system packages are left out. Where "
        "no rule can build a source, “a right reading” plays a model that says of each line what the data says."
    )
    return f"# Sources that no detector knows\n\n{about}\n\n{figures}\n\n{head}\n{body}\n"


def _line(each: Tried) -> str:
    cells = (each.toolchain, each.by, each.drafted, each.checked, each.waits, each.started, "; ".join(each.notes))
    return " | ".join(cell.replace("|", "/") for cell in cells)


if __name__ == "__main__":
    raise SystemExit(main())
