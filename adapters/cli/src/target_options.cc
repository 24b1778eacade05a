// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "target_options.h"

#include <CLI/CLI.hpp>

#include "internal/macros.h"
#include "targets.h"

namespace offsetstore::cli {

Result<Selection> TargetOptions::ToSelection() const {
  if (text) {
    OS_ASSIGN_OR_RETURN(const Target target, ParseTarget(*text));
    return target.ToSelection();
  }
  if (!topic) return Selection{};
  Target target{*topic, {}};
  if (partitions) {
    OS_ASSIGN_OR_RETURN(target.partitions, ParsePartitions(*partitions));
  }
  return target.ToSelection();
}

std::string TargetOptions::Of(std::string_view group) const {
  const std::string whole = "group '" + std::string(group) + "'";
  const std::optional<std::string>& part = text ? text : topic;
  return part ? "'" + *part + "' of " + whole : whole;
}

void AddTargetOptions(CLI::App& command, TargetOptions& options) {
  CLI::Option* text = command.add_option_function<std::string>(
      "TOPIC",
      [&options](const std::string& value) { options.text = value; },
      "Only this topic, or only these partitions of it");
  text->type_name("[:P,P-P]");
  CLI::Option* topic = command.add_option_function<std::string>(
      "--topic",
      [&options](const std::string& value) { options.topic = value; },
      "The topic, where its name ends like ':0,2-4'");
  topic->type_name("TOPIC")->excludes(text);
  command
      .add_option_function<std::string>(
          "--partitions",
          [&options](const std::string& value) { options.partitions = value; },
          "Its partitions, such as 0,2-4")
      ->type_name("LIST")
      ->needs(topic);
}

}  // namespace offsetstore::cli
