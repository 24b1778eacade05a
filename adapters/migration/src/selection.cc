// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/selection.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "internal/macros.h"
#include "internal/utf8.h"

namespace offsetstore::migration {
namespace {

RE2::Options OptionsOf(RE2::Options::Encoding encoding) {
  RE2::Options options;
  options.set_encoding(encoding);
  options.set_dot_nl(true);  // names may hold line ends
  options.set_log_errors(false);
  return options;
}

/// One expression, compiled for names of characters and for names of bytes.
class Pattern {
 public:
  explicit Pattern(const std::string& text)
      : characters_(text, OptionsOf(RE2::Options::EncodingUTF8)),
        bytes_(text, OptionsOf(RE2::Options::EncodingLatin1)) {}

  [[nodiscard]] Status Check() const {
    if (characters_.ok()) return {};
    std::string why = "the regular expression '" + Printable(characters_.pattern()) +
                      "' is wrong: " + Printable(characters_.error());
    if (characters_.error_code() == RE2::ErrorRepeatArgument) {
      why += "; '*' alone is no expression, '.*' means any text";
    }
    return MakeError(ErrorCode::kInvalidArgument, std::move(why));
  }

  [[nodiscard]] bool Matches(const re2::StringPiece& name, bool is_text) const {
    return RE2::FullMatch(name, is_text ? characters_ : bytes_);
  }

 private:
  RE2 characters_;
  RE2 bytes_;  // not ok, and then without a match, where only characters can be meant: \x{3b1}
};

using PatternList = std::vector<std::unique_ptr<const Pattern>>;

Result<PatternList> CompileAll(std::span<const std::string> texts) {
  PatternList patterns;
  for (const std::string& text : texts) {
    patterns.push_back(std::make_unique<const Pattern>(text));
    OS_RETURN_IF_ERROR(patterns.back()->Check());
  }
  return patterns;
}

bool AnyMatches(const PatternList& patterns, const re2::StringPiece& name, bool is_text) {
  return std::ranges::any_of(patterns,
                             [&](const auto& pattern) { return pattern->Matches(name, is_text); });
}

}  // namespace

struct Filter::Patterns {
  PatternList include;
  PatternList exclude;
};

Result<Filter> Filter::Make(std::span<const std::string> include,
                            std::span<const std::string> exclude) {
  auto patterns = std::make_shared<Patterns>();
  OS_ASSIGN_OR_RETURN(patterns->include, CompileAll(include));
  OS_ASSIGN_OR_RETURN(patterns->exclude, CompileAll(exclude));
  Filter filter;
  filter.patterns_ = std::move(patterns);
  return filter;
}

bool Filter::Matches(std::string_view name) const {
  if (!patterns_) return true;
  const re2::StringPiece piece(name.data(), name.size());
  const bool is_text = internal::IsUtf8(name);
  return (patterns_->include.empty() || AnyMatches(patterns_->include, piece, is_text)) &&
         !AnyMatches(patterns_->exclude, piece, is_text);
}

Result<GroupCount> ForEachGroup(OffsetStore& store,
                                const Filter& filter,
                                Duration timeout,
                                const std::function<Status(const std::string& group)>& take) {
  GroupCount count;
  PageRequest request;
  while (true) {
    OS_ASSIGN_OR_RETURN(GroupPage page, store.ListGroups(request, Deadline::After(timeout)));
    for (const std::string& group : page.groups) {
      ++count.listed;
      if (!filter.Matches(group)) continue;
      ++count.matched;
      OS_RETURN_IF_ERROR(take(group));
    }
    if (page.last) return count;
    request.after = std::move(page.next);
  }
}

std::string NothingMeant(const GroupCount& count) {
  if (count.matched > 0) return {};
  if (count.listed == 0) return "the store has no groups with positions";
  return "no group matches: the store has " + std::to_string(count.listed) +
         ", and an expression must match a whole name ('pay.*', not 'pay')";
}

}  // namespace offsetstore::migration
