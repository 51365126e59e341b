# Completion of mlc in bash.
_mlc()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    local first=${COMP_WORDS[1]} words=
    COMPREPLY=()
    case $before in
    -e) return ;;
    --explain)
        COMPREPLY=($(compgen -W "$(mlc --explain 2> /dev/null | cut -d" " -f1)" -- "$word"))
        return ;;
    esac
    if [ "$COMP_CWORD" -eq 1 ]; then
        words="test check fmt lsp kernel -e - --json --explain --help --version"
    else
        case $first in
        check) words=--json ;;
        fmt) words=--check ;;
        lsp) return ;;
        kernel) words=install ;;
        -e) words=-e ;;
        --json) words="-e -" ;;
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    case $first in kernel|--explain) return ;; esac
    local file
    while IFS= read -r file; do
        if [ -d "$file" ]; then
            COMPREPLY+=("$file/")
        elif [[ $file == *.mlc || ($COMP_CWORD -gt 1 && $first == *.mlc) ]]; then
            COMPREPLY+=("$file")
        fi
    done < <(compgen -f -- "$word")
    [ "${#COMPREPLY[@]}" -eq 1 ] && [[ ${COMPREPLY[0]} == */ ]] && compopt -o nospace 2> /dev/null
}
complete -o filenames -F _mlc mlc
