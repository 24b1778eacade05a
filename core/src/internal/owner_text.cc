// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "internal/owner_text.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "internal/percent.h"
#include "offsetstore/units.h"

namespace offsetstore::internal {
namespace {

constexpr std::string_view kMember = "member";
constexpr std::string_view kOperator = "operator";
constexpr std::size_t kWords = 7;

std::optional<std::array<std::string_view, kWords>> Split(std::string_view text) {
  std::array<std::string_view, kWords> words;
  for (std::size_t i = 0; i < kWords; ++i) {
    const std::size_t end = text.find(' ');
    if ((end == std::string_view::npos) != (i + 1 == kWords)) return std::nullopt;
    words.at(i) = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return words;
}

bool Decode(std::string_view word, std::string& into) {
  std::optional<std::string> decoded = PercentDecode(word);
  if (!decoded) return false;
  into = *std::move(decoded);
  return true;
}

}  // namespace

std::string ToText(const Owner& owner) {
  std::string text(owner.kind == Owner::Kind::kMember ? kMember : kOperator);
  text += ' ' + PercentEncode(owner.name);
  text += ' ' + PercentEncode(owner.host);
  text += ' ' + std::to_string(owner.pid);
  text += ' ' + PercentEncode(owner.process);
  text += ' ' + PercentEncode(owner.member_id);
  text += ' ' + PercentEncode(owner.cluster_id);
  return text;
}

std::optional<Owner> OwnerFromText(std::string_view text) {
  const auto words = Split(text);
  if (!words) return std::nullopt;
  const auto& [kind, name, host, pid, process, member_id, cluster_id] = *words;
  if (kind != kMember && kind != kOperator) return std::nullopt;
  Owner owner;
  owner.kind = kind == kMember ? Owner::Kind::kMember : Owner::Kind::kOperator;
  const Result<std::int64_t> number = ParseInteger(pid);
  if (!number) return std::nullopt;
  owner.pid = *number;
  const bool decoded = Decode(name, owner.name) && Decode(host, owner.host) &&
                       Decode(process, owner.process) && Decode(member_id, owner.member_id) &&
                       Decode(cluster_id, owner.cluster_id);
  if (!decoded) return std::nullopt;
  return owner;
}

}  // namespace offsetstore::internal
