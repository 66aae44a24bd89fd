# SPDX-License-Identifier: BSD-2-Clause
# bash completion for reel
_reel()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
    local reading='--init --strict --no-map' last='--color --help'
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W 'info boxes packets seek extract doctor help --version --help' -- "$cur"))
        return
    fi
    case $prev in
    --format|-f) COMPREPLY=($(compgen -W 'text json jsonl' -- "$cur")); return ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
    --order) COMPREPLY=($(compgen -W 'file dts' -- "$cur")); return ;;
    --mode|-m) COMPREPLY=($(compgen -W 'exact previous next nearest' -- "$cur")); return ;;
    --as|-a) COMPREPLY=($(compgen -W 'auto annexb adts obu ivf raw vtt srt' -- "$cur")); return ;;
    --fail-on) COMPREPLY=($(compgen -W 'never warning problem' -- "$cur")); return ;;
    --track|-t|--from|--to|--limit|-n|--depth|-d|--rows|--path|-p|--item) return ;;
    esac
    if [[ $cur == -* ]]; then
        case $command in
        info) COMPREPLY=($(compgen -W "--format $reading $last" -- "$cur")) ;;
        boxes) COMPREPLY=($(compgen -W "--format --depth --fields --rows --path --no-map $last" -- "$cur")) ;;
        packets) COMPREPLY=($(compgen -W "--format --track --from --to --order --limit $reading $last" -- "$cur")) ;;
        seek) COMPREPLY=($(compgen -W "--format --track --mode --explain $reading $last" -- "$cur")) ;;
        extract)
            COMPREPLY=($(compgen -W "--track --output --as --from --to --cover --item $reading $last" -- "$cur")) ;;
        doctor) COMPREPLY=($(compgen -W "--format --fail-on $reading $last" -- "$cur")) ;;
        esac
        return
    fi
    if [[ $command == help ]]; then
        COMPREPLY=($(compgen -W 'info boxes packets seek extract doctor' -- "$cur"))
    else
        compopt -o filenames 2>/dev/null
        COMPREPLY=($(compgen -f -- "$cur"))
    fi
}
complete -F _reel reel
