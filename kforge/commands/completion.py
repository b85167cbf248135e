"""Print the script with which a shell completes kforge: commands, options, their
values, and of the spec here its services, decisions, fields and environments.

  bash  in ~/.bashrc:                      source <(kforge completion bash)
  zsh   in ~/.zshrc, behind compinit:      source <(kforge completion zsh)
  fish  once, as a file of fish's own:     see the example

examples:
  kforge completion bash
  kforge completion zsh > _kforge       for a folder of $fpath
  kforge completion fish > kforge.fish  for ~/.config/fish/completions
"""

from __future__ import annotations

import argparse

from kforge.output.text import emit


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish"), help="bash, zsh or fish")


def run(options: argparse.Namespace) -> int:
    from kforge.commands.completion_scripts import SCRIPTS

    emit(SCRIPTS[options.shell])
    return 0
