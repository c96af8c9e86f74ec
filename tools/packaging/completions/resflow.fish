# fish completion for resflow and its tools. It reads the options from their --help, so it cannot be out of date.
for program in resflow resflow-bench resflow-dot resflow-replay
    complete -c $program -f -n 'string match -q -- "-*" (commandline -ct)' \
        -a "($program --help | string match -ra -- '--[A-Za-z][A-Za-z-]*' | sort -u)"
    complete -c $program -F -n 'set -l last (commandline -opc)[-1]; '"$program"' --help | string match -qr -- "$last( \[ --[a-z-]+)?( \])? (<file>|file)"'
end
