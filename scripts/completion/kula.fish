# fish completion for kula: commands and options as the program itself lists them.
function __kula_commands
	kula --help 2>/dev/null | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) *\(.*\)/\1\t\2/p'
end
function __kula_options
	set -l words (commandline -opc)
	kula $words[2] --help 2>/dev/null | sed -nE 's/^ +(-., )?--([a-z-]+)( [A-Z]+)? +(.*)/--\2\t\4/p'
end
complete -c kula -n 'test (count (commandline -opc)) -eq 1' -f -a '(__kula_commands)'
complete -c kula -n '__fish_seen_subcommand_from import' -l format -s f -x -a 'jsonl cites sipri kiel'
complete -c kula -n '__fish_seen_subcommand_from export' -l format -s f -x -a 'jsonl csv exchanges exchanges-csv plover icews ftm webannotation graphml sipri atop'
complete -c kula -n 'test (count (commandline -opc)) -gt 1; and string match -q -- "-*" (commandline -ct)' -f -a '(__kula_options)'
complete -c kula -n 'string match -q review -- (commandline -opc)[-1]' -f -a 'accept reject correct merge split undo list export'
