# Completion of mlc in fish.
function __mlc_first
    set -l words (commandline -opc)
    test (count $words) -eq 1
end
function __mlc_after
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test "$words[2]" = $argv[1]
end
complete -c mlc -n __mlc_first -a test -d 'run scripts with expectations'
complete -c mlc -n __mlc_first -a check -d 'find mistakes without running'
complete -c mlc -n __mlc_first -a fmt -d 'bring files into canonical layout'
complete -c mlc -n __mlc_first -a lsp -d 'serve an editor'
complete -c mlc -n __mlc_first -a kernel -d 'mlc in Jupyter notebooks'
complete -c mlc -n __mlc_first -s e -x -d 'run code'
complete -c mlc -n __mlc_first -l json -d 'results and errors as lines of JSON'
complete -c mlc -n __mlc_first -l explain -x -a '(mlc --explain 2> /dev/null | cut -d' ' -f1)' -d 'what an error code means'
complete -c mlc -n __mlc_first -l help -d 'the command lines'
complete -c mlc -n __mlc_first -l version -d 'the version'
complete -c mlc -n '__mlc_after check' -l json -d 'findings as lines of JSON'
complete -c mlc -n '__mlc_after fmt' -l check -d 'write nothing, name files'
complete -c mlc -n '__mlc_after kernel' -f -a install
