// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "manual/bash_completion.h"

#include <map>
#include <string_view>

namespace offsetstore::cli {
namespace {

constexpr std::string_view kHead =
    "# bash completion of offsetctl: what 'offsetctl completion bash' prints.\n"
    "# shellcheck shell=bash\n\n";

// Bash cuts words at '@', ':' and '=' too, and replaces only the last piece, which is $2.
constexpr std::string_view kTail = R"bash(
# The line's words up to the cursor, cut at blanks alone.
_offsetctl_words() {
  local i line=${COMP_LINE-} rest n=-1
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    rest=${line#"${line%%[![:space:]]*}"}
    if ((n >= 0)) && [[ -n $line && $rest == "$line" ]]; then
      words[n]+=${COMP_WORDS[i]}
    else
      words[++n]=${COMP_WORDS[i]}
    fi
    line=${rest#"${COMP_WORDS[i]}"}
  done
}

# The names in the file of profiles, and nothing else of it.
_offsetctl_profiles() {
  local file=${XDG_CONFIG_HOME-} line name
  [[ $file == /* ]] || file=${HOME-}/.config
  file+=/offsetctl/profiles
  [[ -f $file && -r $file ]] || return 0
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line#$'\xEF\xBB\xBF'}
    line=${line#"${line%%[![:space:]]*}"}
    [[ $line == *=* && $line != [#!]* ]] || continue
    name=${line%%=*}
    name=${name%"${name##*[![:space:]]}"}
    if [[ -n $name && @$name == "$1"* ]]; then COMPREPLY+=("@$(printf %q "$name")"); fi
  done <"$file"
}

# One of these words, and no file.
_offsetctl_choose() {
  compopt +o default 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# The value of what takes it: COMMAND OPTION-OR-NUMBER START.
_offsetctl_value() {
  local takes=''
  _offsetctl_takes "$1" "$2"
  case $takes in
    command) _offsetctl_choose "$commands" "$3" ;;
    store) _offsetctl_profiles "$3" ;;
    '') if [[ $3 == @* ]]; then _offsetctl_profiles "$3"; fi ;;
    *) _offsetctl_choose "$takes" "$3" ;;
  esac
}

# Only the last piece of the word is replaced, which is $1.
_offsetctl_cut() {
  local i head=''
  if [[ -n $1 && $current == *"$1" ]]; then
    head=${current%"$1"}
  elif [[ -z $1 && $current == *[:=] ]]; then
    head=$current
  fi
  for i in "${!COMPREPLY[@]}"; do
    COMPREPLY[i]=$before${COMPREPLY[i]}
    COMPREPLY[i]=${COMPREPLY[i]#"$head"}
  done
}

_offsetctl() {
  local IFS=$' \t\n' words commands='' options='' valued='' arguments=0
  local i current command='' option='' names_only='' number=0 before=''
  COMPREPLY=()
  _offsetctl_words
  _offsetctl_knows ''
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    if [[ -n $option ]]; then
      option=''
    elif [[ -z $names_only && ${words[i]} == -- ]]; then
      names_only=1
    elif [[ -z $names_only && ${words[i]} == -* ]]; then
      if [[ " $valued " == *" ${words[i]} "* ]]; then option=${words[i]}; fi
    elif [[ -z $command ]]; then
      command=${words[i]}
      _offsetctl_knows "$command"
    else
      number=$((number + 1))
    fi
  done
  current=${words[-1]#[\"\']}
  if [[ -n $option ]]; then
    _offsetctl_value "$command" "$option" "$current"
  elif [[ -z $names_only && $current == --*=* ]]; then
    before=${current%%=*}=
    _offsetctl_value "$command" "${current%%=*}" "${current#*=}"
  elif [[ -z $names_only && $current == -* ]]; then
    _offsetctl_choose "$options" "$current"
  elif [[ -z $command ]]; then
    _offsetctl_choose "$commands" "$current"
  else
    number=$((number < arguments ? number + 1 : arguments))
    _offsetctl_value "$command" "$number" "$current"
  fi
  _offsetctl_cut "${2-}"
}

complete -o default -F _offsetctl offsetctl
)bash";

void AddWord(std::string& list, std::string_view word) {
  if (!list.empty()) list += ' ';
  list += word;
}

/// A branch of `case`: what is known of a command by itself, or of the program, which has no name.
std::string Knows(const CommandShape& command, std::string_view name) {
  std::string options;
  std::string valued;
  for (const ArgumentShape& option : command.options) {
    for (const std::string& word : option.names) {
      AddWord(options, word);
      if (option.takes != Takes::kNothing) AddWord(valued, word);
    }
  }
  return "    '" + std::string(name) + "')\n      options='" + options + "'\n      valued='" +
         valued + "'\n      arguments=" + std::to_string(command.arguments.size()) + "\n      ;;\n";
}

/// What _offsetctl_takes says of an option or argument; empty: anything.
std::string Answer(const ArgumentShape& argument) {
  switch (argument.takes) {
    case Takes::kStore:
      return "store";
    case Takes::kCommand:
      return "command";
    case Takes::kChoice: {
      std::string words;
      for (const std::string& choice : argument.choices) AddWord(words, choice);
      return words;
    }
    case Takes::kNothing:
    case Takes::kAnything:
      break;
  }
  return {};
}

/// By answer, the patterns of `case` that have it.
using Patterns = std::map<std::string, std::string>;

void AddPattern(Patterns& patterns,
                const CommandShape& command,
                const ArgumentShape& argument,
                const std::string& name) {
  const std::string answer = Answer(argument);
  if (answer.empty()) return;
  std::string& pattern = patterns[answer];
  if (!pattern.empty()) pattern += " | ";
  pattern += "'" + command.name + " " + name + "'";
}

Patterns PatternsOf(const std::vector<CommandShape>& commands) {
  Patterns patterns;
  for (const CommandShape& command : commands) {
    for (std::size_t i = 0; i < command.arguments.size(); ++i) {
      AddPattern(patterns, command, command.arguments[i], std::to_string(i + 1));
    }
    for (const ArgumentShape& option : command.options) {
      for (const std::string& name : option.names) AddPattern(patterns, command, option, name);
    }
  }
  return patterns;
}

}  // namespace

std::string BashCompletion(const CommandShape& program, const std::vector<CommandShape>& commands) {
  std::string names;
  for (const CommandShape& command : commands) AddWord(names, command.name);
  std::string text(kHead);
  text += "_offsetctl_knows() {\n  commands='" + names + "'\n  options='' valued='' arguments=0\n";
  text += "  case $1 in\n" + Knows(program, {});
  for (const CommandShape& command : commands) text += Knows(command, command.name);
  text += "  esac\n}\n\n_offsetctl_takes() {\n  case \"$1 $2\" in\n";
  for (const auto& [answer, pattern] : PatternsOf(commands)) {
    text.append("    ").append(pattern).append(")\n      takes='").append(answer);
    text += "'\n      ;;\n";
  }
  text += "  esac\n}\n";
  text += kTail;
  return text;
}

}  // namespace offsetstore::cli
