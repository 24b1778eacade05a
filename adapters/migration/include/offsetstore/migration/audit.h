// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "offsetstore/migration/plan_file.h"
#include "offsetstore/migration/run.h"
#include "offsetstore/result.h"
#include "offsetstore/types.h"

namespace offsetstore::migration {

/// One position that was changed.
struct Change {
  Time time{};
  std::string user;  ///< As the system names the one who ran it.
  std::string host;
  std::string plan;    ///< The plan's id.
  std::string undoes;  ///< The id of the run that it took back; empty: none.
  std::string store;   ///< Where, redacted.
  std::string group;
  TopicPartition at;
  std::optional<std::int64_t> before;  ///< None: nothing was stored.
  std::optional<std::int64_t> after;   ///< None: it was removed.
  /// `written`, `in-doubt`, `mismatch`; `already-there`: written by a run that was interrupted
  /// before it could say so, and found by the one that went on, at `time`. What that one found
  /// moved by somebody else is `in-doubt`.
  std::string outcome;
};

/// The local file of every change that was made from here: a line for each, appended, never cut.
class Audit {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Audit>> Open(const std::string& path);
  Audit(const Audit&) = delete;
  Audit& operator=(const Audit&) = delete;
  ~Audit();

  /// A line for each partition of `run` that was changed, or may have been. Handed over to the
  /// operating system: the death of this process loses none.
  [[nodiscard]] Status Add(const PlanHeader& header, const GroupRun& run);
  [[nodiscard]] Status Sync();

 private:
  struct State;
  explicit Audit(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Hands every change to `take`, oldest first. No file: no change. Lines that cannot be read (a
/// crash cut them, somebody edited them) are told to `damaged` and hide no other.
[[nodiscard]] Status ReadAudit(const std::string& path,
                               const std::function<void(const Change&)>& take,
                               const std::function<void(const Error&)>& damaged);

}  // namespace offsetstore::migration
