# bash completion for kula: commands and options as the program itself lists them.
_kula()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--ledger | --know | --weights | --knowledge | -l) ((i++)) ;;
		-*) ;;
		*) command=${COMP_WORDS[i]}; break ;;
		esac
	done
	COMPREPLY=()
	case $before in
	--format | -f) [[ $command == import ]] && COMPREPLY=($(compgen -W 'jsonl cites sipri kiel' -- "$word")) ||
		COMPREPLY=($(compgen -W 'jsonl csv exchanges exchanges-csv plover icews ftm webannotation graphml sipri atop' -- "$word")); return ;;
	--encoding) COMPREPLY=($(compgen -W 'utf-8 windows-1252 utf-16' -- "$word")); return ;;
	--offsets) COMPREPLY=($(compgen -W 'bytes chars utf16' -- "$word")); return ;;
	--act) COMPREPLY=($(compgen -W 'give lend sell supply return take send withdraw train meet agree sign ratify end breach cooperate support criticise sanction coerce protest mobilize attack yield hold' -- "$word")); return ;;
	--kind) COMPREPLY=($(compgen -W 'animal arms vehicle aircraft ship food fuel medicine money people troops prisoner remains information technology equipment art document territory service goods' -- "$word")); return ;;
	--field) COMPREPLY=($(compgen -W 'items date status act' -- "$word")); return ;;
	--status) COMPREPLY=($(compgen -W 'done ongoing planned promised offered requested threatened possible refused denied' -- "$word")); return ;;
	esac
	if [[ -z $command || $command == help ]]; then
		COMPREPLY=($(compgen -W "help $(kula --help 2>/dev/null | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p') --help --version" -- "$word"))
	elif [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W "$(kula "$command" --help 2>/dev/null | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE '\-\-[a-z-]+')" -- "$word"))
	elif [[ $command == review && $before == review ]]; then
		COMPREPLY=($(compgen -W 'accept reject correct merge split undo list export' -- "$word"))
	elif [[ $command == review && ${COMP_WORDS[COMP_CWORD-2]} == correct ]]; then
		COMPREPLY=($(compgen -W 'act status from to items date due value place means agreement condition said_by evidence trigger' -- "$word"))
	else
		compopt -o default
	fi
}
complete -F _kula kula
