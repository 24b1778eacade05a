// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "demo/rounds.h"

#include <chrono>
#include <optional>
#include <thread>

#include "demo/child.h"
#include "demo/progress.h"
#include "internal/macros.h"
#include "signals.h"

namespace offsetstore::cli {
namespace {

constexpr std::chrono::milliseconds kRoundCheck{1};
constexpr Duration kStandstill{30000};  // No progress for so long: something is broken.

/// Tells when the results stopped growing.
class Watchdog {
 public:
  [[nodiscard]] Status Check(std::uint64_t processed, const Contender& contender) {
    if (StopAsked()) return MakeError(ErrorCode::kUnavailable, "interrupted");
    if (processed != last_) {
      last_ = processed;
      deadline_ = Deadline::After(kStandstill);
    }
    if (!deadline_.Passed()) return {};
    return MakeError(ErrorCode::kUnavailable,
                     contender.title + " made no progress for 30 s: " + LastLine(contender.log));
  }

 private:
  std::uint64_t last_ = 0;
  Deadline deadline_ = Deadline::After(kStandstill);
};

class Rounds {
 public:
  Rounds(const Contender& contender, const Ordeal& ordeal)
      : contender_(contender),
        kills_(DrawKills(ordeal)),
        progress_(contender.title, ordeal.records) {}

  Result<int> Run() {
    for (const std::uint64_t after : kills_) {
      OS_ASSIGN_OR_RETURN(const bool ended, RunUntil(contender_.evidence->Count() + after));
      if (ended) return killed_;
      ++killed_;
    }
    OS_RETURN_IF_ERROR(RunUntil(std::nullopt));
    return killed_;
  }

 private:
  /// Whether the process ended by itself; else it was killed when so many were processed.
  Result<bool> RunUntil(std::optional<std::uint64_t> processed) {
    OS_ASSIGN_OR_RETURN(Child child, Child::Start(contender_.arguments, contender_.log));
    Watchdog watchdog;
    while (true) {
      const std::uint64_t now = contender_.evidence->Count();
      if (processed && now >= *processed) {
        child.Kill();
        return false;
      }
      if (const std::optional<int> code = child.Ended()) {
        if (*code == 0) return true;
        return MakeError(ErrorCode::kInternal,
                         contender_.title + " ended with " + std::to_string(*code) + ": " +
                             LastLine(contender_.log));
      }
      OS_RETURN_IF_ERROR(watchdog.Check(now, contender_));
      progress_.Show(now,
                     "kill " + std::to_string(killed_) + " of " + std::to_string(kills_.size()));
      std::this_thread::sleep_for(kRoundCheck);
    }
  }

  const Contender& contender_;
  std::vector<std::uint64_t> kills_;
  Progress progress_;
  int killed_ = 0;
};

}  // namespace

std::vector<std::uint64_t> DrawKills(const Ordeal& ordeal) {
  // Two thirds of an even share each: repeats, and what the plain consumer loses, fit beside them.
  const std::uint64_t share = ordeal.records / static_cast<std::uint64_t>(ordeal.kills + 1);
  const std::uint64_t most = std::max<std::uint64_t>(1, share * 2 / 3);
  std::mt19937_64 random(ordeal.seed);
  std::vector<std::uint64_t> kills(static_cast<std::size_t>(ordeal.kills));
  // By hand: a standard distribution may draw differently elsewhere, and the seed is printed to be
  // used again.
  for (std::uint64_t& after : kills) after = 1 + random() % most;
  return kills;
}

Result<Verdict> Run(const Contender& contender, const Ordeal& ordeal) {
  OS_ASSIGN_OR_RETURN(const int kills, Rounds(contender, ordeal).Run());
  OS_ASSIGN_OR_RETURN(const Tally tally, contender.evidence->Total(ordeal.records));
  return Verdict{tally, kills};
}

}  // namespace offsetstore::cli
