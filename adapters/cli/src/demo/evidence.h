// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "demo/results.h"
#include "offsetstore/result.h"

namespace offsetstore::cli {

/// What a consumer under test leaves behind for the records that it has processed, read by code
/// that shares nothing with it.
class Evidence {
 public:
  Evidence() = default;
  Evidence(const Evidence&) = delete;
  Evidence& operator=(const Evidence&) = delete;
  virtual ~Evidence() = default;

  /// How many records are processed by now. Only grows.
  [[nodiscard]] virtual std::uint64_t Count() = 0;
  [[nodiscard]] virtual Result<Tally> Total(std::uint64_t records) = 0;
};

/// A file that `Results` wrote.
[[nodiscard]] std::unique_ptr<Evidence> EvidenceInFile(std::filesystem::path file);
/// The column `value` of a table in a SQLite database, each of which need not be there yet.
[[nodiscard]] std::unique_ptr<Evidence> EvidenceInTable(std::filesystem::path database,
                                                        const std::string& table);

}  // namespace offsetstore::cli
