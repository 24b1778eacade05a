// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "formats/readers.h"
#include "internal/macros.h"
#include "offsetstore/migration/formats.h"

namespace offsetstore::migration {
namespace {

constexpr std::array<std::pair<Format, std::string_view>, 6> kFormatNames = {{
    {Format::kJson, "json"},
    {Format::kKafkaCsv, "kafka-csv"},
    {Format::kZk, "zk"},
    {Format::kYelp, "yelp-json"},
    {Format::kRpk, "rpk"},
    {Format::kKcl, "kcl-json"},
}};

/// The rows that were read, as a few bytes each.
class Seen {
 public:
  /// The line of the row that stands for the same partition; none: it is the first.
  std::optional<std::uint64_t> Add(const Row& row) {
    const Key key{NumberOf(row.group), NumberOf(row.read.at.topic), row.read.at.partition};
    const auto [at, inserted] = lines_.try_emplace(key, row.line);
    if (inserted) return std::nullopt;
    return at->second;
  }

 private:
  struct Key {
    std::uint32_t group;
    std::uint32_t topic;
    std::int32_t partition;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept {
      std::uint64_t hash = (std::uint64_t{key.group} << 32U) | key.topic;
      hash = hash * 0x9e3779b97f4a7c15U + static_cast<std::uint32_t>(key.partition);
      return static_cast<std::size_t>((hash ^ (hash >> 29U)) * 0xbf58476d1ce4e5b9U);
    }
  };

  std::uint32_t NumberOf(const std::string& name) {
    const auto next = static_cast<std::uint32_t>(names_.size());
    return names_.try_emplace(name, next).first->second;
  }

  std::unordered_map<std::string, std::uint32_t> names_;
  std::unordered_map<Key, std::uint64_t, Hash> lines_;
};

Status ReadAs(Source& source,
              const FormatOptions& options,
              const TakeRow& take,
              FormatSummary& summary) {
  switch (summary.format) {
    case Format::kJson:
      return ReadJson(source, options, take);
    case Format::kKafkaCsv:
      return ReadKafkaCsv(source, options, take);
    case Format::kZk:
      return ReadZk(source, options, take);
    case Format::kYelp:
      return ReadYelp(source, options, take, summary.notes);
    case Format::kRpk:
      return ReadRpk(source, options, take);
    case Format::kKcl:
      return ReadKcl(source, options, take);
  }
  return MakeError(ErrorCode::kInternal, "no such format");
}

Result<Format> FormatToRead(const Source& source, const FormatOptions& options) {
  if (options.format) return *options.format;
  return Detect(source);
}

}  // namespace

std::string_view ToString(Format format) noexcept {
  for (const auto& [known, name] : kFormatNames) {
    if (known == format) return name;
  }
  return "unknown";
}

Result<Format> FormatOf(std::string_view name) {
  std::string all;
  for (const auto& [format, known] : kFormatNames) {
    if (known == name) return format;
    all += (all.empty() ? "" : ", ") + std::string(known);
  }
  return MakeError(ErrorCode::kInvalidArgument,
                   "'" + Printable(name) + "' is no format: one of " + all);
}

Result<FormatSummary> ReadRows(std::istream& in,
                               const FormatOptions& options,
                               const TakeRow& take) {
  Source source(in, options.name.empty() ? "standard input" : "'" + Printable(options.name) + "'");
  OS_RETURN_IF_ERROR(source.Begin());
  FormatSummary summary;
  OS_ASSIGN_OR_RETURN(summary.format, FormatToRead(source, options));
  Seen seen;
  const auto once = [&](Row row) -> Status {
    if (const auto before = seen.Add(row)) {
      return source.Bad(row.line,
                        ToString(row.read.at) + " of group '" + Printable(row.group) +
                            "' stands in line " + std::to_string(*before) +
                            " already: take one of the two out");
    }
    ++summary.rows;
    return take(std::move(row));
  };
  OS_RETURN_IF_ERROR(ReadAs(source, options, once, summary));
  return summary;
}

}  // namespace offsetstore::migration
