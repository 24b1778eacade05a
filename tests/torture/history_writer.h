// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "offsetstore/store.h"
#include "operation.h"

namespace offsetstore::testing {

/// A file that is only appended to, whole lines at once: what a kill leaves is what was said.
class HistoryFile {
 public:
  explicit HistoryFile(const char* path);
  HistoryFile(const HistoryFile&) = delete;
  HistoryFile& operator=(const HistoryFile&) = delete;
  ~HistoryFile();

  void Append(const std::string& lines);

 private:
  int fd_;
};

/// One process of many on one group: claims, commits, releases, sets, removes, as its dice say. It
/// follows the rules of the session: under a claim it knows where it stands, and what was in doubt
/// is settled by a conditional claim before it goes on. Besides it tries what must not work:
/// commits under claims that it lost.
class HistoryWriter {
 public:
  struct Role {
    std::string group;
    int partitions = 0;
    int number = 0;
    unsigned seed = 0;
  };

  HistoryWriter(OffsetStore& store, Role role, HistoryFile& file);

  /// One or a few calls.
  void Step();

 private:
  struct Held {
    ClaimToken token;
    std::int64_t position = kAbsent;
  };
  /// A call that is written down: an operation for each partition, in the order of the request.
  struct Call {
    Tag tag = 0;
    std::vector<Operation> operations;
  };

  [[nodiscard]] bool Chance(int percent);
  [[nodiscard]] int AnyPartition();
  [[nodiscard]] std::vector<int> SomePartitions();
  [[nodiscard]] std::vector<int> SomeHeld();
  [[nodiscard]] TopicPartition At(int partition) const;
  [[nodiscard]] std::int64_t NewPosition(std::int64_t from, Tag tag, bool back);

  void CommitHeld();
  void CommitLost();
  void ReleaseHeld();
  void ClaimSome();
  /// A set or a removal, or a commit where nobody holds it.
  void MoveAsOperator(int partition);
  void CommitFree(const Operation& read);
  void Set(const Operation& read, const ClaimToken& seen);
  void Remove(const Operation& read, const ClaimToken& seen);

  /// Claims after exactly this one, until the answer is not in doubt.
  void Settle(int partition, ClaimToken mine);

  void Commit(Call& call,
              std::span<const Move> moves,
              const Owner& by,
              Atomicity atomicity = Atomicity::kEach);
  Answers<ClaimAnswer> Claim(Call& call, std::span<const ClaimRequest> requests);
  Operation& Add(Call& call, Act act, int partition) const;
  [[nodiscard]] Tag NextTag();
  void Begin(Call& call);
  template <class Answer>
  void End(const Answers<Answer>& answers, Call& call);

  OffsetStore& store_;
  Role role_;
  HistoryFile& file_;
  std::mt19937 random_;
  std::int64_t calls_ = 0;
  std::map<int, Held> held_;
  std::map<int, Held> lost_;
};

}  // namespace offsetstore::testing
