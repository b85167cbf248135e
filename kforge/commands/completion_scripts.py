"""The scripts of `kforge completion`. Each asks kforge itself what may follow the words typed so far: the first line of
the answer says whether files are meant as well, the others are the words.

A name in a spec may be written by an attacker: no script evaluates a word (`compgen -W` would), and `completion_words`
answers with names of harmless letters only.
"""

from __future__ import annotations

from types import MappingProxyType

_BASH = r"""# Completion of kforge for bash: source <(kforge completion bash)
_kforge() {
    local kind= line current="${COMP_WORDS[COMP_CWORD]}"
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("$line"); fi
    done < <(command kforge completion --words bash "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)
    if [[ $kind == files || $kind == folders ]]; then
        [[ $current == '=' ]] && current=
        local flag=-f
        [[ $kind == folders ]] && flag=-d
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$flag" -- "$current")
    fi
}
complete -o nosort -F _kforge kforge 2>/dev/null || complete -F _kforge kforge
"""

_ZSH = r"""#compdef kforge
# Completion of kforge for zsh: source <(kforge completion zsh), or as `_kforge` in a folder of $fpath.
_kforge() {
    local -a lines described
    local line
    lines=("${(@f)$(command kforge completion --words zsh "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    for line in "${(@)lines[2,-1]}"; do
        described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    (( $#described )) && _describe -V -t words kforge described
    case $lines[1] in
        files) _files ;;
        folders) _files -/ ;;
    esac
}
if [[ $funcstack[1] == _kforge ]]; then _kforge "$@"; else compdef _kforge kforge; fi
"""

_FISH = r"""# Completion of kforge for fish: kforge completion fish > ~/.config/fish/completions/kforge.fish
function __kforge_words
    set -l current (commandline -ct)
    set -l lines (command kforge completion --words fish (commandline -opc) "$current" 2>/dev/null)
    test (count $lines) -gt 1; and printf '%s\n' $lines[2..-1]
    switch "$lines[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current"
    end
end
complete -c kforge -f -k -a '(__kforge_words)'
"""

SCRIPTS = MappingProxyType({"bash": _BASH, "zsh": _ZSH, "fish": _FISH})
