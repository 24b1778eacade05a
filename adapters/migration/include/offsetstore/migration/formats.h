// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Positions as files of other tools, and as a file of our own: docs/formats/exchange.md.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

enum class Format : std::uint8_t {
  kJson,      ///< Ours: loses nothing.
  kKafkaCsv,  ///< `kafka-consumer-groups --export` and `--from-file`.
  kZk,        ///< `ExportZkOffsets` and `ImportZkOffsets` of Kafka 0.8.
  kYelp,      ///< `kafka-consumer-manager offset_save`. Read only.
  kRpk,       ///< `rpk group seek --to-file`. Read only.
  kKcl,       ///< `kcl group seek --to-file`. Read only.
};
/// `json`, `kafka-csv`, `zk`, `yelp-json`, `rpk`, `kcl-json`.
[[nodiscard]] std::string_view ToString(Format format) noexcept;
/// `InvalidArgument` names those there are.
[[nodiscard]] Result<Format> FormatOf(std::string_view name);

/// One partition of one group; or a topic or a group as a whole that could not be read, and
/// `read.slot` says why.
struct Row {
  /// In the place of a partition. A group as a whole has no topic either.
  static constexpr std::int32_t kWhole = -1;

  [[nodiscard]] bool IsWholeGroup() const noexcept {
    return read.at.partition == kWhole && read.at.topic.empty();
  }

  std::string group;
  Read read;
  std::uint64_t line = 0;  ///< Where it stands in the file that was read, from 1.
};
/// An error of the callback ends the reading and is returned.
using TakeRow = std::function<Status(Row row)>;

struct FormatOptions {
  std::string name;  ///< Of the file, for errors; empty: standard input.
  std::optional<Format> format;
  std::optional<std::string> group;  ///< For a file that names no group; refused with any other.
  std::optional<std::string> default_group = {};  ///< The same; left out of account with any other.
};

struct FormatSummary {
  Format format = Format::kJson;
  std::uint64_t rows = 0;
  std::vector<std::string> notes;  ///< What is to be known about what was read; for people.
};

/// Reads rows, one after the other: memory for one row, and a few bytes each to find those that
/// stand there twice. Which format it is is found out, where that is sure.
///
/// Everything that is wrong is `InvalidArgument` (`Unsupported`: of a newer version) and names
/// file, line and what to do. Rows were handed on before: who acts on them waits for the end.
[[nodiscard]] Result<FormatSummary> ReadRows(std::istream& in,
                                             const FormatOptions& options,
                                             const TakeRow& take);

/// Takes the next piece of the output.
using Sink = std::function<Status(std::string_view)>;

/// What a format had no room for.
struct Losses {
  std::uint64_t written = 0;     ///< Partitions that are in the file.
  std::uint64_t absent = 0;      ///< Left out: without a position.
  std::uint64_t unreadable = 0;  ///< Left out: could not be read.
  std::uint64_t names = 0;       ///< Left out: group or topic cannot stand in the format.
  std::uint64_t foreign = 0;     ///< Written under a name as only our ZooKeeper store knows it.
  std::uint64_t metadata = 0;    ///< Written without it; so are the next three.
  std::uint64_t leader_epoch = 0;
  std::uint64_t claims = 0;   ///< Held, not released.
  std::uint64_t ids = 0;      ///< Topic id or cluster id.
  std::string an_unreadable;  ///< The first, and why.
  std::string a_name;         ///< The first.

  /// Whether partitions with a position, or that may have one, are not in the file.
  [[nodiscard]] bool Incomplete() const noexcept { return unreadable > 0 || names > 0; }
};
/// One sentence for each kind of loss, with its count.
[[nodiscard]] std::vector<std::string> Explain(const Losses& losses, Format format);

/// Writes rows. They come sorted by group, then topic and partition, as stores list them.
class RowWriter {
 public:
  RowWriter() = default;
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;
  virtual ~RowWriter() = default;

  [[nodiscard]] virtual Status Add(const Row& row) = 0;
  /// After the last row.
  [[nodiscard]] virtual Status Finish() = 0;
  [[nodiscard]] const Losses& losses() const noexcept { return losses_; }

 protected:
  [[nodiscard]] Losses& lost() noexcept { return losses_; }

 private:
  Losses losses_;
};

/// `kJson`, `kKafkaCsv`, `kZk`; any other format is `Unsupported`. `from` is named in the file
/// where the format has room for it.
[[nodiscard]] Result<std::unique_ptr<RowWriter>> MakeRowWriter(Format format,
                                                               const StoreInfo& from,
                                                               Sink sink);

}  // namespace offsetstore::migration
