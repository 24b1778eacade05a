// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "child_channel.h"
#include "offsetstore/open.h"
#include "offsetstore/testing/child_process.h"

namespace offsetstore::testing {
namespace {

void Say(const std::string& line) {
  const std::string text = line + '\n';
  if (::write(kChildAnswers, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::system_error(errno, std::generic_category(), "answer");
  }
}

/// The next order; false: the parent is gone.
bool Hear(std::string& line) {
  line.clear();
  char c = 0;
  ssize_t size = 0;
  while ((size = ::read(kChildOrders, &c, 1)) == 1 && c != '\n') line.push_back(c);
  return size == 1;
}

/// The words of one order, each read as what it is meant to be.
class Words {
 public:
  explicit Words(const std::string& line) : stream_(line) {}

  template <class T>
  T Next() {
    T value{};
    if (!(stream_ >> value)) throw std::runtime_error("a word is missing in the order");
    return value;
  }
  TopicPartition NextPartition() {
    auto topic = Next<std::string>();
    return {std::move(topic), Next<std::int32_t>()};
  }
  ClaimToken NextToken() {
    const auto counter = Next<std::uint64_t>();
    const auto nonce = Nonce::FromHex(Next<std::string>());
    if (!nonce) throw std::runtime_error("no nonce in the order");
    return {counter, *nonce};
  }

 private:
  std::istringstream stream_;
};

void ObeyCommit(const TestGroup& group, Words& words) {
  const TopicPartition at = words.NextPartition();
  const auto first = words.Next<std::int64_t>();
  const auto last = words.Next<std::int64_t>();
  for (std::int64_t to = first; to <= last; ++to) {
    const Answer answer = group.Commit(Advance(at, to));
    if (!answer.Ok()) throw std::runtime_error(Describe(answer));
    Say("applied " + std::to_string(to));
  }
  Say("done");
}

void ObeyFight(const TestGroup& group, Words& words) {
  const TopicPartition at = words.NextPartition();
  const int rounds = words.Next<int>();
  const int steps = words.Next<int>();
  const Owner by = Member(words.Next<std::string>());
  for (const auto& commit : Fight(group, at, rounds, steps, by)) {
    Say("applied " + std::to_string(commit.counter) + ' ' + std::to_string(commit.from) + ' ' +
        std::to_string(commit.to));
  }
  Say("done");
}

void ObeyClaim(const TestGroup& group, Words& words) {
  const ClaimToken token = group.MustClaim(words.NextPartition());
  Say("claimed " + std::to_string(token.counter) + ' ' + token.nonce.Hex());
}

void ObeyMove(const TestGroup& group, Words& words) {
  const TopicPartition at = words.NextPartition();
  const auto to = words.Next<std::int64_t>();
  Say(std::string(ToString(group.Commit(Advance(at, to, words.NextToken())).code)));
}

void Obey(OffsetStore& store, const std::string& line) {
  Words words(line);
  const auto order = words.Next<std::string>();
  const TestGroup group(store, words.Next<std::string>());
  if (order == "commit") return ObeyCommit(group, words);
  if (order == "fight") return ObeyFight(group, words);
  if (order == "claim") return ObeyClaim(group, words);
  if (order == "move") return ObeyMove(group, words);
  throw std::runtime_error("unknown order " + order);
}

std::unique_ptr<OffsetStore> OpenStoreOfParent(
    const std::function<Status(BackendRegistry&)>& register_backend) {
  BackendRegistry registry;
  if (const Status status = register_backend(registry); !status) {
    throw std::runtime_error(ToString(status.error()));
  }
  auto store = OpenStore(registry, std::getenv(kChildVariable), {}, Soon());
  if (!store) throw std::runtime_error(ToString(store.error()));
  return *std::move(store);
}

}  // namespace

bool IsChild() {
  return std::getenv(kChildVariable) != nullptr;
}

void ServeAsChild(const std::function<Status(BackendRegistry&)>& register_backend) {
  try {
    const auto store = OpenStoreOfParent(register_backend);
    for (std::string line; Hear(line);) Obey(*store, line);
  } catch (const std::exception& failure) {
    Say(std::string("failed ") + Printable(failure.what()));
    throw;
  }
}

std::vector<AppliedCommit> ParseApplied(const std::vector<std::string>& lines) {
  std::vector<AppliedCommit> commits;
  for (const auto& line : lines) {
    Words words(line);
    if (words.Next<std::string>() != "applied") throw std::runtime_error("not an answer: " + line);
    AppliedCommit commit;
    commit.counter = words.Next<std::uint64_t>();
    commit.from = words.Next<std::int64_t>();
    commit.to = words.Next<std::int64_t>();
    commits.push_back(commit);
  }
  return commits;
}

}  // namespace offsetstore::testing
