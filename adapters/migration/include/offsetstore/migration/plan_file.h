// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "offsetstore/migration/plan.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

/// Which store a plan speaks of: enough to know it again, and never a secret.
struct StoreName {
  std::string scheme;
  std::string endpoint;  ///< Redacted; for people.
  std::string store_id;  ///< What decides whether it is the same store.
  std::string space;

  friend bool operator==(const StoreName&, const StoreName&) = default;
};
[[nodiscard]] StoreName NameOf(const StoreInfo& info);
/// `kafka b1:9092`.
[[nodiscard]] std::string ToString(const StoreName& name);

/// `InvalidArgument` where `info` is not the store that `name` names (another id or space).
[[nodiscard]] Status CheckSame(const StoreName& name, const StoreInfo& info, const char* side);

struct PlanHeader {
  std::string id;  ///< 32 hexadecimal digits, new for each plan.
  Time made{};
  StoreName from;
  StoreName to;
  /// Undoes another run: the id of that one. There is no source then: `from` is the target itself.
  std::string undoes;
  std::uint64_t undoes_bytes = 0;  ///< Of that run's journal when this was planned.
};
/// A header with a new id, made now.
[[nodiscard]] PlanHeader NewPlan(const StoreInfo& from, const StoreInfo& to);

/// Writes a plan, group by group. The file has its name once it is whole: who reads it finds all
/// of it or nothing. Destroyed before `Finish`: nothing is left.
class PlanWriter {
 public:
  /// `InvalidArgument` where there is such a file already.
  [[nodiscard]] static Result<std::unique_ptr<PlanWriter>> Create(const std::string& path,
                                                                  const PlanHeader& header);
  PlanWriter(const PlanWriter&) = delete;
  PlanWriter& operator=(const PlanWriter&) = delete;
  ~PlanWriter();

  [[nodiscard]] Status Add(const GroupPlan& group);
  /// Returns when the plan survives a loss of power.
  [[nodiscard]] Status Finish();

 private:
  struct State;
  explicit PlanWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// How much a plan has.
struct PlanSize {
  std::uint64_t groups = 0;
  std::uint64_t changes = 0;  ///< Partitions that are written or removed.
  std::uint64_t refused = 0;  ///< Partitions.
};

/// Reads a plan, group by group: memory for one group at a time.
class PlanReader {
 public:
  /// `Corrupt` names file and line where it was edited, cut, or is something else; `Unsupported`:
  /// of a newer version. Looks at every line once before anything is done with it.
  [[nodiscard]] static Result<std::unique_ptr<PlanReader>> Open(const std::string& path);
  PlanReader(const PlanReader&) = delete;
  PlanReader& operator=(const PlanReader&) = delete;
  ~PlanReader();

  [[nodiscard]] const PlanHeader& header() const noexcept;
  [[nodiscard]] const PlanSize& size() const noexcept;
  /// nullopt at the end.
  [[nodiscard]] Result<std::optional<GroupPlan>> Next();

 private:
  struct State;
  explicit PlanReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace offsetstore::migration
