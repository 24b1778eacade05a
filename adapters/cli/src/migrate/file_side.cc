// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/file_side.h"

#include <CLI/CLI.hpp>
#include <utility>
#include <vector>

#include "console.h"
#include "internal/macros.h"
#include "offsetstore/migration/load.h"

namespace offsetstore::cli {
namespace {

constexpr const char* kFolder = "librdkafka-files";

Result<migration::Loaded> Load(const FileSource& source) {
  migration::FormatOptions options;
  if (!source.group.empty()) options.group = source.group;
  if (source.format == kFolder) return migration::LoadLibrdkafkaFiles(source.path, options);
  if (!source.format.empty()) {
    OS_ASSIGN_OR_RETURN(options.format, migration::FormatOf(source.format));
  }
  return migration::LoadFileAsStore(source.path, options);
}

}  // namespace

void AddFileFormat(CLI::App& command, const char* option, FileSource& source) {
  std::vector<std::string> names = {"json", "kafka-csv", "zk", "yelp-json", "rpk", "kcl-json"};
  names.emplace_back(kFolder);
  command.add_option(option, source.format, "What the file is; found out where that is sure")
      ->check(CLI::IsMember(names))
      ->type_name("FORMAT");
  AddText(command, "--file-group", source.group, "The group, for a file that names none")
      ->type_name("GROUP");
}

Result<OpenedSide> OpenFileSide(const FileSource& source) {
  OS_ASSIGN_OR_RETURN(migration::Loaded loaded, Load(source));
  for (const std::string& note : loaded.notes) Complain("note: " + note);
  OpenedSide side;
  side.stores.push_back(std::move(loaded.store));
  return side;
}

}  // namespace offsetstore::cli
