// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "offsetstore/backends/sqlite.h"
#include "offsetstore/layers/context.h"
#include "offsetstore/testing/test_group.h"

namespace offsetstore::testing {

inline Result<std::unique_ptr<OffsetStore>> TryOpen(const SqliteOptions& options) {
  auto bare = OpenSqliteStore(options, Soon());
  if (!bare) return bare;
  return WithContext(*std::move(bare));
}

inline SqliteOptions At(const std::filesystem::path& path) {
  SqliteOptions options;
  options.path = path;
  return options;
}

inline std::unique_ptr<OffsetStore> MustOpen(const SqliteOptions& options) {
  auto opened = TryOpen(options);
  if (!opened) throw std::runtime_error("open: " + ToString(opened.error()));
  return *std::move(opened);
}

/// The error of an open that must fail.
inline Error OpenError(const SqliteOptions& options) {
  auto opened = TryOpen(options);
  if (opened) throw std::runtime_error("it opened");
  return opened.error();
}

inline bool Says(const Error& error, const std::string& words) {
  return error.message.find(words) != std::string::npos;
}

/// The caller's own connection.
inline SQLite::Database Connect(const std::filesystem::path& path) {
  return {path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 10'000};
}

/// The first column of the first row.
inline std::string Ask(const std::filesystem::path& path, const std::string& sql) {
  return Connect(path).execAndGet(sql).getString();
}

inline TopicPartition Orders(std::int32_t partition) {
  return {"orders", partition};
}

}  // namespace offsetstore::testing
