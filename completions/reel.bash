# SPDX-License-Identifier: BSD-2-Clause
# bash completion for reel

# Words that begin like what is typed, a line each: names may hold blanks.
_reel_offer()
{
    mapfile -t COMPREPLY < <(compgen "$1" ${2+"$2"} -- "$cur")
}

_reel()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
    local reading='--init --strict --no-map' last='--color --help' writing='--output --dry-run --format'
    local drawing='--size --fit --pad --quality --threads --track'
    COMPREPLY=()
    # --format=j arrives as three words, and as one where "=" breaks none.
    if [[ $cur == '=' ]]; then
        cur=
    elif [[ $prev == '=' ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    elif [[ $cur == --*=* ]]; then
        prev=${cur%%=*}
        cur=${cur#*=}
    fi
    if ((COMP_CWORD == 1)); then
        _reel_offer -W 'info boxes packets seek extract frames sprite play doctor cut faststart fragment defragment concat repair package serve help --version --help'
        return
    fi
    case $command:$prev in
    frames:--as|frames:-a) _reel_offer -W 'auto png jpg y4m raw npy'; return ;;
    frames:--pix|frames:-p) _reel_offer -W 'auto rgb24 gray8 yuv420p'; return ;;
    frames:-[csqj]|sprite:-[csqj]|play:-[nwr]) return ;;
    esac
    case $prev in
    --policy) _reel_offer -W 'drop show wait'; return ;;
    --streams|--load|--seconds|--fps|--rate|--ahead) return ;;
    --fit) _reel_offer -W 'stretch contain cover'; return ;;
    --filter) _reel_offer -W 'bilinear nearest area'; return ;;
    --at|--every|--count|--index|--sample|--size|--pad|--quality|--threads|--columns) return ;;
    --format|-f) _reel_offer -W 'text json jsonl'; return ;;
    --color) _reel_offer -W 'auto always never'; return ;;
    --order) _reel_offer -W 'file dts'; return ;;
    --mode|-m) _reel_offer -W 'exact previous next nearest'; return ;;
    --as|-a) _reel_offer -W 'auto annexb adts obu ivf raw vtt srt'; return ;;
    --fail-on) _reel_offer -W 'never warning problem'; return ;;
    --track|-t|--from|--to|--limit|-n|--depth|-d|--rows|--path|-p|--item|--segment|-s|--port|--listen|--workers) return ;;
    esac
    if [[ $cur == -* ]]; then
        case $command in
        info) _reel_offer -W "--format $reading $last" ;;
        boxes) _reel_offer -W "--format --depth --fields --rows --path --no-map $last" ;;
        packets) _reel_offer -W "--format --track --from --to --keys --order --limit $reading $last" ;;
        seek) _reel_offer -W "--format --track --mode --explain $reading $last" ;;
        extract)
            _reel_offer -W "--track --output --as --from --to --cover --item $reading $last" ;;
        frames)
            _reel_offer -W "--at --every --count --keyframes --index --sample --as --pix --filter $drawing $writing $reading $last" ;;
        sprite) _reel_offer -W "--every --count --keyframes --columns $drawing $writing $reading $last" ;;
        play)
            _reel_offer -W "--headless --streams --load --seconds --naive --workers --fps --rate --policy --ahead --loop --keep --track --format $reading $last" ;;
        doctor) _reel_offer -W "--format --fail-on $reading $last" ;;
        cut) _reel_offer -W "--from --to --exact --track $writing $reading $last" ;;
        faststart) _reel_offer -W "$writing $reading $last" ;;
        fragment) _reel_offer -W "--segment --track $writing $reading $last" ;;
        defragment) _reel_offer -W "--track $writing $reading $last" ;;
        concat) _reel_offer -W "$writing --strict --no-map $last" ;;
        package) _reel_offer -W "--segment --copy --no-iframes --no-subtitles $writing --strict --no-map $last" ;;
        repair) _reel_offer -W "--like $writing --init --no-map $last" ;;
        serve) _reel_offer -W "--port --listen --workers --segment --page --print-config $last" ;;
        esac
        return
    fi
    if [[ $command == help ]]; then
        _reel_offer -W 'info boxes packets seek extract frames sprite play doctor cut faststart fragment defragment concat repair package serve'
    else
        compopt -o filenames 2>/dev/null
        # What is typed may be quoted already; what is offered is quoted again.
        [[ $cur == [\"\']* ]] && cur=${cur:1} || cur=${cur//\\/}
        _reel_offer -f
    fi
}
complete -F _reel reel
