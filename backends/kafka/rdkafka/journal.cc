// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/journal.h"

#include <algorithm>
#include <utility>

#include "offsetstore/uri.h"
#include "rdkafka/error.h"

namespace offsetstore::rdkafka {
namespace {

constexpr int kDebugLevel = 7;
// `ApiKey OffsetDelete (47) Versions 0..0`; the name differs between versions, the number never.
constexpr std::string_view kDeleteLine = "(47) Versions";

bool Contains(std::string_view text, std::string_view part) noexcept {
  return text.find(part) != std::string_view::npos;
}

constexpr std::size_t kAllDown = 2;

/// 0: refused by the cluster; 1: one broker cannot be reached; 2: none can. A lower one explains
/// more.
std::size_t Rank(rd_kafka_resp_err_t native) {
  switch (native) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
      return 0;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      return kAllDown;
    default:
      return 1;
  }
}

}  // namespace

void Journal::Put(Line& line, std::string_view text) noexcept {
  line.size = std::min(text.size(), line.text.size());
  std::copy_n(text.data(), line.size, line.text.data());
}

void Journal::AddLog(int level, std::string_view facility, std::string_view text) noexcept {
  const std::lock_guard lock(mutex_);
  if (facility == "APIVERSION") {
    api_lists_ += Contains(text, "Broker API support:") ? 1U : 0U;
    lists_with_delete_ += Contains(text, kDeleteLine) ? 1U : 0U;
  }
  if (level >= kDebugLevel) return;
  if (facility == "FAIL") Put(last_failure_, text);
  Line& line = lines_[next_line_++ % kLines];
  line.text[0] = static_cast<char>('0' + std::clamp(level, 0, 9));
  line.text[1] = ' ';
  line.size = 2;
  for (const std::string_view part : {facility, std::string_view(" "), text}) {
    const std::size_t bytes = std::min(part.size(), line.text.size() - line.size);
    std::copy_n(part.data(), bytes, line.text.data() + line.size);
    line.size += bytes;
  }
}

void Journal::AddError(rd_kafka_resp_err_t native, std::string_view text) noexcept {
  const std::lock_guard lock(mutex_);
  Kept& kept = problems_.at(Rank(native));
  kept.native = native;
  Put(kept.line, text);
}

bool Journal::BrokersCanDeleteOffsets() const noexcept {
  const std::lock_guard lock(mutex_);
  return api_lists_ > 0 && api_lists_ == lists_with_delete_;
}

std::optional<Journal::Problem> Journal::WorstProblem() const {
  const std::lock_guard lock(mutex_);
  for (const Kept& kept : problems_) {
    if (kept.native == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const bool is_bare = Rank(kept.native) == kAllDown && last_failure_.size > 0;
    const Line& line = is_bare ? last_failure_ : kept.line;
    return Problem{kept.native, Redacted(std::string_view(line.text.data(), line.size))};
  }
  return std::nullopt;
}

void Journal::ForgetProblems() noexcept {
  const std::lock_guard lock(mutex_);
  for (Kept& kept : problems_) kept.native = RD_KAFKA_RESP_ERR_NO_ERROR;
  last_failure_.size = 0;
}

std::vector<std::string> Journal::Lines() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  const std::size_t first = next_line_ > kLines ? next_line_ - kLines : 0;
  for (std::size_t i = first; i < next_line_; ++i) {
    const Line& line = lines_[i % kLines];
    lines.push_back(Redacted(std::string_view(line.text.data(), line.size)));
  }
  return lines;
}

Error Journal::Explain(Error error) const {
  const std::optional<Problem> problem = WorstProblem();
  if (!problem ||
      (error.code != ErrorCode::kUnavailable && error.code != ErrorCode::kDeadlineExceeded)) {
    return error;
  }
  if (Rank(problem->native) == 0) {
    return ToError(problem->native, Effect::kRead, error.message, problem->text);
  }
  error.message += "; last seen: " + problem->text;
  error.native = problem->native;
  return error;
}

}  // namespace offsetstore::rdkafka
