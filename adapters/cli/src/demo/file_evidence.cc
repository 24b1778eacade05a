// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "demo/evidence.h"

namespace offsetstore::cli {
namespace {

class FileEvidence final : public Evidence {
 public:
  explicit FileEvidence(std::filesystem::path file) : file_(std::move(file)) {}
  [[nodiscard]] std::uint64_t Count() override { return CountLines(file_); }
  [[nodiscard]] Result<Tally> Total(std::uint64_t records) override {
    return CountResults(file_, records);
  }

 private:
  std::filesystem::path file_;
};

}  // namespace

std::unique_ptr<Evidence> EvidenceInFile(std::filesystem::path file) {
  return std::make_unique<FileEvidence>(std::move(file));
}

#ifndef OFFSETCTL_SQLITE
// The consumer that would fill it ends at once, and says what is missing.
std::unique_ptr<Evidence> EvidenceInTable(std::filesystem::path database,
                                          const std::string& /*table*/) {
  return EvidenceInFile(std::move(database));
}
#endif

}  // namespace offsetstore::cli
