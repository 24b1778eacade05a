// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/load.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>
#include <utility>

#include "formats/librdkafka_files.h"
#include "formats/snapshot_store.h"
#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

/// Takes rows into a store, and counts what is no plain position.
class Loading {
 public:
  explicit Loading(const std::string& name)
      : store_(std::make_unique<SnapshotStore>(name.empty() ? "standard input" : name)) {}

  TakeRow Taker() {
    return [this](Row row) -> Status {
      Count(row);
      store_->Add(std::move(row));
      return {};
    };
  }

  Loaded Finish(std::vector<std::string> notes) {
    store_->Finish();
    loaded_.notes = std::move(notes);
    if (absent_ > 0) {
      loaded_.notes.push_back(std::to_string(absent_) +
                              " of the partitions in the file have no position (-1, or absent)");
    }
    if (unreadable_ > 0) {
      loaded_.notes.push_back(
          std::to_string(unreadable_) +
          " of the partitions in the file are unreadable; the first: " + an_unreadable_);
    }
    loaded_.store = std::move(store_);
    return std::move(loaded_);
  }

 private:
  void Count(const Row& row) {
    ++loaded_.rows;
    if (std::holds_alternative<Entry>(row.read.slot)) ++loaded_.positions;
    if (std::holds_alternative<Absent>(row.read.slot)) ++absent_;
    const auto* error = std::get_if<Error>(&row.read.slot);
    if (error == nullptr || unreadable_++ > 0) return;
    an_unreadable_ = "group '" + Printable(row.group) + "'";
    if (!row.IsWholeGroup()) an_unreadable_ = ToString(row.read.at) + " of " + an_unreadable_;
    an_unreadable_ += ": " + ToString(*error);
  }

  std::unique_ptr<SnapshotStore> store_;
  Loaded loaded_;
  std::uint64_t absent_ = 0;
  std::uint64_t unreadable_ = 0;
  std::string an_unreadable_;
};

}  // namespace

Result<Loaded> LoadAsStore(std::istream& in, const FormatOptions& options) {
  Loading loading(options.name);
  OS_ASSIGN_OR_RETURN(FormatSummary summary, ReadRows(in, options, loading.Taker()));
  return loading.Finish(std::move(summary.notes));
}

Result<Loaded> LoadFileAsStore(const std::string& path, FormatOptions options) {
  if (path == "-") return LoadAsStore(std::cin, options);
  options.name = path;
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "'" + Printable(path) +
                         "' is a folder: name a file, or say --from librdkafka-files for a folder "
                         "of its offset files");
  }
  std::ifstream in(path, std::ios::binary);
  if (in) return LoadAsStore(in, options);
  return MakeError(
      errno == EACCES ? ErrorCode::kPermissionDenied : ErrorCode::kInvalidArgument,
      "'" + Printable(path) + "' cannot be opened: " + std::generic_category().message(errno));
}

Result<Loaded> LoadLibrdkafkaFiles(const std::string& folder, const FormatOptions& options) {
  Loading loading(folder);
  OS_ASSIGN_OR_RETURN(std::vector<std::string> notes,
                      ReadLibrdkafkaFiles(folder, options.group, loading.Taker()));
  return loading.Finish(std::move(notes));
}

}  // namespace offsetstore::migration
