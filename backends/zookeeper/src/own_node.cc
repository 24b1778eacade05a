// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "own_node.h"

#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "internal/macros.h"
#include "internal/owner_text.h"
#include "internal/percent.h"
#include "offsetstore/units.h"

namespace offsetstore::zookeeper {
namespace {

constexpr std::string_view kFormat = "1";
constexpr std::string_view kNone = "-";

// In this order, each once, then ` owner=` and the owner's seven words to the end of the line.
enum Word : std::size_t {
  kVersion,
  kIncarnation,
  kCounter,
  kNonce,
  kReleased,
  kRemoved,
  kLeaf,
  kPosition,
  kEpoch,
  kTopicId,
  kClusterId,
  kWriter,
  kSince,
  kWordCount
};
constexpr std::array<std::string_view, kWordCount> kKeys = {"offsetstore",
                                                            "incarnation",
                                                            "counter",
                                                            "nonce",
                                                            "released",
                                                            "removed",
                                                            "leaf-zxid",
                                                            "position",
                                                            "leader-epoch",
                                                            "topic-id",
                                                            "cluster-id",
                                                            "writer",
                                                            "since"};
constexpr std::string_view kOwner = "owner=";
using Words = std::array<std::string_view, kWordCount>;  // into the text that is read

std::string LeafText(const LeafMark& mark) {
  if (std::holds_alternative<LeafAbsent>(mark)) return std::string(kNone);
  if (std::holds_alternative<LeafTogether>(mark)) return "same";
  return std::to_string(std::get<LeafAt>(mark).zxid);
}

std::string_view Flag(bool value) {
  return value ? "1" : "0";
}

void Append(std::string& text, Word word, std::string_view value) {
  text.append(kKeys.at(word)).append(1, '=').append(value).append(1, ' ');
}

class WordReader {
 public:
  WordReader(const Words& words, const std::string& path) : words_(words), path_(path) {}

  [[nodiscard]] Error Bad(Word word) const {
    return MakeError(ErrorCode::kCorrupt,
                     "the node " + Printable(path_) + " has " + std::string(kKeys.at(word)) + "='" +
                         Printable(words_.at(word)) +
                         "', which no release writes; correct or delete the node")
        .With("path", path_);
  }
  [[nodiscard]] Result<std::int64_t> Number(Word word, std::int64_t min, std::int64_t max) const {
    const Result<std::int64_t> number = ParseInteger(words_.at(word));
    if (!number || *number < min || *number > max) return Bad(word);
    return *number;
  }
  [[nodiscard]] bool None(Word word) const { return words_.at(word) == kNone; }
  [[nodiscard]] Result<bool> Bool(Word word) const {
    OS_ASSIGN_OR_RETURN(const std::int64_t number, Number(word, 0, 1));
    return number == 1;
  }
  [[nodiscard]] Result<std::string> Text(Word word) const {
    std::optional<std::string> text = internal::PercentDecode(words_.at(word));
    if (!text) return Bad(word);
    return *std::move(text);
  }
  [[nodiscard]] Result<LeafMark> Leaf() const {
    if (None(kLeaf)) return LeafMark(LeafAbsent{});
    if (words_[kLeaf] == "same") return LeafMark(LeafTogether{});
    OS_ASSIGN_OR_RETURN(const std::int64_t zxid,
                        Number(kLeaf,
                               std::numeric_limits<std::int64_t>::min(),
                               std::numeric_limits<std::int64_t>::max()));
    return LeafMark(LeafAt{zxid});
  }

 private:
  const Words& words_;
  const std::string& path_;
};

Result<std::optional<ClaimView>> ReadClaim(const WordReader& reader,
                                           const Words& words,
                                           std::string_view owner_words) {
  OS_ASSIGN_OR_RETURN(const std::int64_t counter, reader.Number(kCounter, 0, Position::kMax));
  if (counter == 0) return std::optional<ClaimView>();
  const std::optional<Nonce> nonce = Nonce::FromHex(words[kNonce]);
  if (!nonce) return reader.Bad(kNonce);
  std::optional<Owner> owner = internal::OwnerFromText(owner_words);
  if (!owner) return reader.Bad(kSince);
  OS_ASSIGN_OR_RETURN(const std::int64_t since,
                      reader.Number(kSince,
                                    std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max()));
  owner->since = Time(std::chrono::milliseconds(since));
  OS_ASSIGN_OR_RETURN(const bool released, reader.Bool(kReleased));
  return std::optional<ClaimView>(
      ClaimView{{static_cast<std::uint64_t>(counter), *nonce}, *std::move(owner), released});
}

Status ReadPosition(const WordReader& reader, OwnNode& node) {
  if (!reader.None(kPosition)) {
    OS_ASSIGN_OR_RETURN(const std::int64_t position, reader.Number(kPosition, 0, Position::kMax));
    node.position = Position(position);
  }
  if (!reader.None(kEpoch)) {
    OS_ASSIGN_OR_RETURN(const std::int64_t epoch,
                        reader.Number(kEpoch, 0, std::numeric_limits<std::int32_t>::max()));
    node.leader_epoch = static_cast<std::int32_t>(epoch);
  }
  return {};
}

Result<OwnNode> FromWords(const Words& words,
                          std::string_view owner_words,
                          const std::string& path) {
  const WordReader reader(words, path);
  OwnNode node;
  const std::optional<Nonce> incarnation = Nonce::FromHex(words[kIncarnation]);
  if (!incarnation) return reader.Bad(kIncarnation);
  node.incarnation = *incarnation;
  OS_ASSIGN_OR_RETURN(node.claim, ReadClaim(reader, words, owner_words));
  OS_ASSIGN_OR_RETURN(node.removed, reader.Bool(kRemoved));
  OS_ASSIGN_OR_RETURN(node.leaf, reader.Leaf());
  OS_RETURN_IF_ERROR(ReadPosition(reader, node));
  OS_ASSIGN_OR_RETURN(node.topic_id, reader.Text(kTopicId));
  OS_ASSIGN_OR_RETURN(node.cluster_id, reader.Text(kClusterId));
  OS_ASSIGN_OR_RETURN(node.writer, reader.Text(kWriter));
  return node;
}

// Takes the words off the header; false where one is missing or another stands in its place.
bool Split(std::string_view& header, Words& words) {
  for (std::size_t i = 0; i < kWordCount; ++i) {
    const std::size_t end = header.find(' ');
    const std::string_view word = header.substr(0, end);
    const std::string_view key = kKeys.at(i);
    if (end == std::string_view::npos || !word.starts_with(key) || word.size() <= key.size() ||
        word[key.size()] != '=') {
      return false;
    }
    words.at(i) = word.substr(key.size() + 1);
    header.remove_prefix(end + 1);
  }
  return header.starts_with(kOwner);
}

Error Malformed(std::string_view header, const std::string& path) {
  constexpr std::size_t kMostOfHeader = 80;
  const std::string start = std::string(kKeys[kVersion]) + '=';
  const std::string_view version = header.substr(0, header.find(' '));
  if (version.starts_with(start) && version.substr(start.size()) != kFormat) {
    return MakeError(ErrorCode::kUnsupported,
                     "the node " + Printable(path) + " is of format '" +
                         Printable(version.substr(start.size(), kMostOfHeader)) +
                         "' and this release reads format 1; use a newer release")
        .With("path", path);
  }
  return MakeError(ErrorCode::kCorrupt,
                   "the node " + Printable(path) + " holds '" +
                       Printable(header.substr(0, kMostOfHeader)) +
                       "', which no release writes; correct or delete the node")
      .With("path", path);
}

}  // namespace

// Word by word in the order of `Word`.
std::string ToText(const OwnNode& node) {
  constexpr std::size_t kUsual = 512;
  std::string text;
  text.reserve(kUsual + node.metadata.size());
  Append(text, kVersion, kFormat);
  Append(text, kIncarnation, node.incarnation.Hex());
  Append(text, kCounter, node.claim ? std::to_string(node.claim->token.counter) : "0");
  Append(text, kNonce, node.claim ? node.claim->token.nonce.Hex() : std::string(kNone));
  Append(text, kReleased, Flag(node.claim && node.claim->released));
  Append(text, kRemoved, Flag(node.removed));
  Append(text, kLeaf, LeafText(node.leaf));
  Append(
      text, kPosition, node.position ? std::to_string(node.position->value()) : std::string(kNone));
  Append(text, kEpoch, node.leader_epoch ? std::to_string(*node.leader_epoch) : std::string(kNone));
  Append(text, kTopicId, internal::PercentEncode(node.topic_id));
  Append(text, kClusterId, internal::PercentEncode(node.cluster_id));
  Append(text, kWriter, internal::PercentEncode(node.writer));
  Append(text,
         kSince,
         std::to_string(node.claim ? node.claim->owner.since.time_since_epoch().count() : 0));
  text.append(kOwner);
  if (node.claim) text += internal::ToText(node.claim->owner);
  if (!node.metadata.empty()) text.append(1, '\n').append(node.metadata);
  return text;
}

Result<OwnNode> OwnNodeFromText(std::string_view text, const std::string& path) {
  const std::size_t line_end = text.find('\n');
  const std::string_view header = text.substr(0, line_end);
  std::string_view rest = header;
  Words words;
  if (!Split(rest, words) || words[kVersion] != kFormat) return Malformed(header, path);
  OS_ASSIGN_OR_RETURN(OwnNode node, FromWords(words, rest.substr(kOwner.size()), path));
  if (line_end != std::string_view::npos) node.metadata = text.substr(line_end + 1);
  return node;
}

}  // namespace offsetstore::zookeeper
