// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/error.h"

namespace offsetstore::rdkafka {

/// What librdkafka logged and complained of lately, kept instead of printed. Its logging threads
/// write here without allocating; the oldest lines fall out, debug lines are not kept. Threads:
/// any.
class Journal {
 public:
  struct Problem {
    rd_kafka_resp_err_t native = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::string text;
  };

  void AddLog(int level, std::string_view facility, std::string_view text) noexcept;
  void AddError(rd_kafka_resp_err_t native, std::string_view text) noexcept;

  /// Whether every broker that was connected to so far said that it knows the request that removes
  /// a group's positions. librdkafka tells what brokers know only in its log (`debug=feature`).
  [[nodiscard]] bool BrokersCanDeleteOffsets() const noexcept;

  /// The newest error that says why a cluster cannot be used: a refused authentication before a
  /// failed connection before "all brokers are down".
  [[nodiscard]] std::optional<Problem> WorstProblem() const;

  /// Forgets errors (not log lines): the cluster answered.
  void ForgetProblems() noexcept;

  /// The kept log lines, oldest first, redacted.
  [[nodiscard]] std::vector<std::string> Lines() const;

  /// Adds the reason that is known here to an error that only says that nothing came; a refused
  /// authentication also changes its code.
  [[nodiscard]] Error Explain(Error error) const;

 private:
  static constexpr std::size_t kLines = 64;
  static constexpr std::size_t kLineBytes = 400;
  struct Line {
    std::array<char, kLineBytes> text;
    std::size_t size = 0;
  };
  static void Put(Line& line, std::string_view text) noexcept;

  mutable std::mutex mutex_;  // Guards all below.
  std::array<Line, kLines> lines_{};
  std::size_t next_line_ = 0;
  std::size_t api_lists_ = 0;          // Lists of known requests that brokers sent.
  std::size_t lists_with_delete_ = 0;  // Those that name OffsetDelete.
  // One place for each kind, so that a flood of one hides no other.
  struct Kept {
    rd_kafka_resp_err_t native = RD_KAFKA_RESP_ERR_NO_ERROR;
    Line line{};
  };
  std::array<Kept, 3> problems_{};
  Line last_failure_{};  // Of a connection, as logged: not every version makes an error of it.
};

}  // namespace offsetstore::rdkafka
