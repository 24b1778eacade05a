// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "value.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

#include "internal/macros.h"
#include "internal/owner_text.h"
#include "internal/percent.h"
#include "offsetstore/units.h"

namespace offsetstore::redis {
namespace {

constexpr std::size_t kDigits = 19;
constexpr std::string_view kNothing = "-";
constexpr std::string_view kUnclaimed = "none";
constexpr std::string_view kHeld = "held";
constexpr std::string_view kReleased = "free";
constexpr std::string_view kRemoved = "gone";

Error Bad(std::string_view what, std::string_view value) {
  constexpr std::size_t kMostShown = 80;
  return MakeError(ErrorCode::kCorrupt,
                   "the stored " + std::string(what) + " is '" +
                       Printable(value.substr(0, kMostShown)) +
                       "', which no release writes; correct or remove the field");
}

/// Takes the text up to the next blank, or all of it.
std::string_view TakeWord(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::optional<std::int64_t> FromDigits(std::string_view word) {
  if (word.size() != kDigits || word.front() == '-') return std::nullopt;
  const Result<std::int64_t> number = ParseInteger(word);
  if (!number) return std::nullopt;
  return *number;
}

Result<std::optional<ClaimView>> ToClaim(std::string_view line, bool& removed) {
  if (line == kUnclaimed) return std::optional<ClaimView>();
  std::string_view rest = line;
  const std::string_view state = TakeWord(rest);
  if (state != kHeld && state != kReleased && state != kRemoved) return Bad("claim", line);
  const std::optional<std::int64_t> counter = FromDigits(TakeWord(rest));
  const std::optional<Nonce> nonce = Nonce::FromHex(TakeWord(rest));
  const Result<std::int64_t> since = ParseInteger(TakeWord(rest));
  std::optional<Owner> owner = internal::OwnerFromText(rest);
  if (!counter || *counter < 1 || !nonce || !since || !owner) return Bad("claim", line);
  owner->since = Time(std::chrono::milliseconds(*since));
  removed = state == kRemoved;
  return std::optional<ClaimView>(ClaimView{.token = {static_cast<std::uint64_t>(*counter), *nonce},
                                            .owner = *std::move(owner),
                                            .released = state != kHeld});
}

bool ToEpoch(std::string_view word, std::optional<std::int32_t>& epoch) {
  if (word == kNothing) return true;
  const Result<std::int64_t> number = ParseInteger(word);
  if (!number || *number < std::numeric_limits<std::int32_t>::min() ||
      *number > std::numeric_limits<std::int32_t>::max()) {
    return false;
  }
  epoch = static_cast<std::int32_t>(*number);
  return true;
}

bool ToTime(std::string_view word, std::optional<Time>& time) {
  if (word == kNothing) return true;
  const Result<std::int64_t> number = ParseInteger(word);
  if (!number) return false;
  time = Time(std::chrono::milliseconds(*number));
  return true;
}

bool ToName(std::string_view word, std::string& name) {
  std::optional<std::string> decoded = internal::PercentDecode(word);
  if (!decoded) return false;
  name = *std::move(decoded);
  return true;
}

Result<std::optional<Entry>> ToEntry(std::string_view line, std::string_view metadata) {
  if (line == kNothing) {
    if (!metadata.empty()) return Bad("metadata without a position", metadata);
    return std::optional<Entry>();
  }
  std::string_view rest = line;
  const std::optional<std::int64_t> position = FromDigits(TakeWord(rest));
  Entry entry;
  const bool fine = position && ToEpoch(TakeWord(rest), entry.leader_epoch) &&
                    ToTime(TakeWord(rest), entry.commit_time) &&
                    ToName(TakeWord(rest), entry.topic_id) &&
                    ToName(TakeWord(rest), entry.cluster_id) && ToName(rest, entry.writer);
  if (!fine) return Bad("entry", line);
  entry.position = Position(*position);
  entry.metadata = metadata;
  return std::optional<Entry>(std::move(entry));
}

void AppendClaim(const internal::Record& record, std::string& value) {
  if (!record.claim) {
    value += kUnclaimed;
    return;
  }
  const ClaimView& claim = *record.claim;
  value += record.removed ? kRemoved : claim.released ? kReleased : kHeld;
  value += ' ' + Digits(static_cast<std::int64_t>(claim.token.counter));
  value += ' ' + claim.token.nonce.Hex();
  value += ' ' + std::to_string(claim.owner.since.time_since_epoch().count());
  value += ' ' + internal::ToText(claim.owner);
}

}  // namespace

std::string Digits(std::int64_t value) {
  const std::string digits = std::to_string(value);
  return std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits;
}

std::string EpochWord(const std::optional<std::int32_t>& epoch) {
  return epoch ? std::to_string(*epoch) : std::string(kNothing);
}

std::string TimeWord(const std::optional<Time>& time) {
  return time ? std::to_string(time->time_since_epoch().count()) : std::string(kNothing);
}

std::string HeldBy(const ClaimToken& token) {
  return std::string(kHeld) + ' ' + Digits(static_cast<std::int64_t>(token.counter)) + ' ' +
         token.nonce.Hex() + ' ';
}

Result<std::string> ToValue(const internal::Record& record) {
  if (record.claim && record.claim->token.counter > static_cast<std::uint64_t>(Position::kMax)) {
    return MakeError(ErrorCode::kInternal, "the claim counter of the partition is used up");
  }
  std::string value;
  AppendClaim(record, value);
  value += '\n';
  if (!record.entry) {
    value += std::string(kNothing) + '\n';
    return value;
  }
  const Entry& entry = *record.entry;
  value += Digits(entry.position.value());
  value += ' ' + EpochWord(entry.leader_epoch);
  value += ' ' + TimeWord(entry.commit_time);
  value += ' ' + internal::PercentEncode(entry.topic_id);
  value += ' ' + internal::PercentEncode(entry.cluster_id);
  value += ' ' + internal::PercentEncode(entry.writer);
  value += '\n' + entry.metadata;
  return value;
}

Result<internal::Record> ToRecord(std::string_view value) {
  const std::size_t first = value.find('\n');
  const std::size_t second = first == std::string_view::npos ? first : value.find('\n', first + 1);
  if (second == std::string_view::npos) return Bad("value", value);
  internal::Record record;
  OS_ASSIGN_OR_RETURN(record.claim, ToClaim(value.substr(0, first), record.removed));
  OS_ASSIGN_OR_RETURN(
      record.entry, ToEntry(value.substr(first + 1, second - first - 1), value.substr(second + 1)));
  if (record.removed && record.entry) return Bad("entry of a removed partition", value);
  return record;
}

}  // namespace offsetstore::redis
