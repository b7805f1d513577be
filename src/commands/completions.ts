/**
 * `completions SHELL`: prints a script with which a shell completes the arguments of `livecue`. The script lists the
 * commands that exist now.
 */
import { Argument, type Command } from "commander";
import { join } from "node:path";
import { t } from "../language.ts";
import { print } from "./table.ts";
import { projectFolder } from "./settings.ts";

interface Word {
  word: string;
  about: string;
}

interface Words {
  /** The commands, each with its options and choices. */
  commands: (Word & { words: Word[] })[];
  /** Options before a command that take a value. */
  valued: string[];
  /** Options before a command. */
  options: Word[];
}

const scripts: Record<string, (words: Words, project: string) => string> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};

export function addCompletions(program: Command): void {
  const shells = Object.keys(scripts);
  const shell = new Argument("<shell>", t`the shell`).choices(shells);
  program.command("completions").addArgument(shell)
    .description(t`print a script with which a shell completes the arguments of livecue`)
    .action((name: string) => {
      const script = scripts[name];
      if (script === undefined) throw new RangeError(`no script for ${name}`);
      print(script(wordsOf(program), join(projectFolder, "deno.json")));
    });
}

function wordsOf(program: Command): Words {
  const options = optionsOf(program);
  return {
    options,
    valued: program.options.filter(({ required }) => required).flatMap(({ long }) => long ?? []),
    commands: program.commands.map((command) => ({
      word: command.name(),
      about: command.description(),
      words: [...choicesOf(command), ...optionsOf(command), ...options],
    })),
  };
}

function optionsOf(command: Command): Word[] {
  return command.options.flatMap(({ long, description }) =>
    long === undefined || long === null ? [] : [{ word: long, about: description }]
  );
}

function choicesOf({ registeredArguments }: Command): Word[] {
  return registeredArguments.flatMap(({ argChoices, description }) =>
    (argChoices ?? []).map((word) => ({ word, about: description }))
  );
}

/** In single quotes, as in all shells except PowerShell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function namesOf(words: readonly Word[]): string {
  return words.map(({ word }) => word).join(" ");
}

function bashScript({ commands, valued, options }: Words, project: string): string {
  return `# Livecue for bash. Add to ~/.bashrc:  source FILE
livecue() { deno task --quiet --config ${quoted(project)} livecue "$@"; }
_livecue() {
  local command="" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      ${valued.join("|")}) i=$((i + 1)) ;;
      -*) ;;
      *) command="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  case "$command" in
    "") words=${quoted(namesOf([...commands, ...options]))} ;;
${commands.map(({ word, words }) => `    ${word}) words=${quoted(namesOf(words))} ;;`).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _livecue livecue`;
}

function zshScript({ commands, valued, options }: Words, project: string): string {
  const described = (words: readonly Word[]) =>
    words.map(({ word, about }) => quoted(`${word}:${about.replaceAll(":", "\\:")}`)).join(" ");
  return `# Livecue for zsh. Add to ~/.zshrc, after compinit:  source FILE
livecue() { deno task --quiet --config ${quoted(project)} livecue "$@"; }
_livecue() {
  local command="" i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case "\${words[i]}" in
      ${valued.join("|")}) i=$((i + 1)) ;;
      -*) ;;
      *) command="\${words[i]}"; break ;;
    esac
  done
  case "$command" in
    "") found=(${described([...commands, ...options])}) ;;
${commands.map(({ word, words }) => `    ${word}) found=(${described(words)}) ;;`).join("\n")}
  esac
  _describe livecue found || _files
}
compdef _livecue livecue`;
}

function fishScript({ commands, valued, options }: Words, project: string): string {
  const line = (condition: string, { word, about }: Word) => {
    const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
    return `complete -c livecue -n ${fishQuoted(condition)} ${what} -d ${fishQuoted(about)}`;
  };
  return `# Livecue for fish. Write it to ~/.config/fish/conf.d/livecue.fish
function livecue; deno task --quiet --config ${fishQuoted(project)} livecue $argv; end
function __livecue_command
  set -l words (commandline -opc)
  set -l i 2
  while test $i -le (count $words)
    switch $words[$i]
      case ${valued.join(" ")}
        set i (math $i + 1)
      case '-*'
      case '*'
        echo $words[$i]
        return 0
    end
    set i (math $i + 1)
  end
  return 1
end
${[...commands, ...options].map((word) => line("not __livecue_command >/dev/null", word)).join("\n")}
${
    commands.flatMap(({ word, words }) =>
      words.map((each) => line(`contains ${word} (__livecue_command)`, each))
    ).join("\n")
  }`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function powershellScript({ commands, valued, options }: Words, project: string): string {
  const list = (words: readonly (Word | string)[]) =>
    `@(${
      words.map((word) => `'${(typeof word === "string" ? word : word.word).replaceAll("'", "''")}'`).join(
        ", ",
      )
    })`;
  return `# Livecue for PowerShell. Add to the file that $PROFILE names:  . FILE
function livecue { deno task --quiet --config '${project.replaceAll("'", "''")}' livecue @args }
Register-ArgumentCompleter -Native -CommandName livecue -ScriptBlock {
  param($word, $line, $position)
  $words = @{
${commands.map(({ word, words }) => `    '${word}' = ${list(words)}`).join("\n")}
  }
  $valued = ${list(valued)}
  $before = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -ne '') { $before = @($before | Select-Object -SkipLast 1) }
  $command = ''
  for ($i = 0; $i -lt $before.Count; $i++) {
    if ($valued -contains $before[$i]) { $i++ }
    elseif (-not $before[$i].StartsWith('-')) { $command = $before[$i]; break }
  }
  $found = if ($command -eq '') { ${list([...commands, ...options])} } else { $words[$command] }
  $found | Where-Object { $_ -like "$word*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}`;
}
