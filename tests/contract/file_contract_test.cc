// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "internal/flock.h"
#include "offsetstore/backends/file.h"
#include "offsetstore/layers/context.h"
#include "offsetstore/testing/store_contract.h"
#include "offsetstore/testing/subject.h"
#include "temp_dir.h"

namespace {

using offsetstore::testing::Hold;

constexpr std::chrono::seconds kOpenBound{30};

/// A folder of its own.
struct FileFixture {
  static constexpr const char* kName = "file";

  /// Another process in the middle of an append to every group, as far as anybody can tell.
  struct OtherWriter : Hold {
    explicit OtherWriter(const std::filesystem::path& folder) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".lock") continue;
        auto lock = offsetstore::internal::LockFile::Open(entry.path());
        if (!lock || !lock->Lock(offsetstore::Deadline::After(kOpenBound))) {
          throw std::runtime_error("lock " + entry.path().string());
        }
        locks.push_back(*std::move(lock));
      }
    }
    std::vector<offsetstore::internal::LockFile> locks;
  };

  offsetstore::Result<std::unique_ptr<offsetstore::OffsetStore>> Open(
      std::string_view space = "") const {
    offsetstore::FileOptions options;
    options.folder = folder;
    options.space = space;
    auto bare = OpenFileStore(options, offsetstore::Deadline::After(kOpenBound));
    if (!bare) return bare;
    return offsetstore::WithContext(*std::move(bare));
  }
  std::optional<std::string> Uri(std::string_view space = "") const {
    return "file://" + folder.string() + (space.empty() ? "" : "?space=" + std::string(space));
  }
  std::unique_ptr<Hold> Hang() const { return std::make_unique<OtherWriter>(folder); }
  // Damage refuses the whole group: a line that is not whole does not say whose it was.
  bool DamageOne(std::string_view /*group*/, const offsetstore::TopicPartition& /*at*/) const {
    return false;
  }
  static offsetstore::Status Register(offsetstore::BackendRegistry& registry) {
    return RegisterFileBackend(registry);
  }
  void Prepare(std::span<const offsetstore::TopicPartition> /*partitions*/) const {}

  offsetstore::testing::TempDir parent;
  std::filesystem::path folder = parent / "offsets";
};

}  // namespace

OFFSETSTORE_CONTRACT(FileFixture);
