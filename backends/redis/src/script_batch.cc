// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "script_batch.h"

#include <algorithm>
#include <string>
#include <utility>

namespace offsetstore::redis {
namespace {

// Items of one script call: other clients of the server wait no longer than it takes.
constexpr std::size_t kItemsOfCall = 1000;

/// Left of the deadline when `WAIT` should end: the server looks at the time ten times a second
/// (its default `hz`), so that the answer starts up to 100 ms late, and then it has to travel.
constexpr Duration kTravel{200};

std::size_t CallSize(const ScriptBatch& batch) {
  return batch.atomicity == Atomicity::kAll ? std::max(batch.items, std::size_t{1}) : kItemsOfCall;
}

std::vector<Command> MakeCalls(const Layout& layout,
                               const WritePromise& promise,
                               const ScriptBatch& batch,
                               const std::string& key) {
  const std::size_t size = CallSize(batch);
  const std::string_view mode = batch.atomicity == Atomicity::kAll ? "all" : "each";
  const std::string_view next = promise.replicas > 0 ? "wait" : "";
  std::vector<Command> calls;
  for (std::size_t i = 0; i < batch.items; ++i) {
    if (i % size == 0) {
      Command& call = calls.emplace_back(batch.script);
      for (const std::string_view word : {std::string_view("3"),
                                          std::string_view(key),
                                          std::string_view(layout.names.index()),
                                          std::string_view(layout.names.meta()),
                                          std::string_view(layout.mark),
                                          mode,
                                          batch.group,
                                          next}) {
        call.Add(word);
      }
      for (const std::string_view word : batch.common) call.Add(word);
    }
    batch.add(calls.back(), i);
  }
  return calls;
}

std::string WaitTime(const WritePromise& promise, Deadline deadline) {
  const Duration most = std::min(promise.replicas_timeout, deadline.Remaining() - kTravel);
  return std::to_string(std::max(most, Duration(1)).count());  // 0 would be for ever
}

/// A word instead of the array: the script changed nothing.
Error WordError(std::string_view word, const Layout& layout, std::string_view endpoint) {
  if (word == script_words::kGone) return StoreIsGone(layout, endpoint);
  if (word == script_words::kCount) {
    return MakeError(ErrorCode::kCorrupt,
                     "the field '#' of the group, which counts its positions, is no number; set it "
                     "to the number of positions");
  }
  if (word == script_words::kIndex) {
    return MakeError(ErrorCode::kCorrupt, "the index of groups is no sorted set; remove the key")
        .With("index", layout.names.index());
  }
  return ReplyError(word, Risk::kWrite, endpoint);
}

/// Why the call with this reply said nothing of its items; none: it did.
std::optional<Error> CallError(const Replies& got,
                               std::size_t call,
                               std::size_t items,
                               const Layout& layout,
                               std::string_view endpoint) {
  const Reply& reply = got.replies[call];
  if (reply == nullptr) return got.cut;
  if (IsError(*reply)) return ReplyError(TextOf(*reply), Risk::kWrite, endpoint);
  if (IsText(*reply)) return WordError(TextOf(*reply), layout, endpoint);
  if (ElementsOf(*reply).size() == items) return std::nullopt;
  return ReplyError("another number of partitions", Risk::kWrite, endpoint);
}

Error Below(std::string message) {
  Error error = MakeError(ErrorCode::kUnavailable, std::move(message));
  error.retry = Retry::kNever;  // it is applied
  return error;
}

std::optional<Error> CheckReplicas(const WritePromise& promise,
                                   const Reply& reply,
                                   std::string_view endpoint) {
  std::string got = "it is not known how many did";
  if (reply != nullptr && reply->type == REDIS_REPLY_INTEGER) {
    if (reply->integer >= promise.replicas) return std::nullopt;
    got = std::to_string(reply->integer) + " did";
  } else if (reply != nullptr && IsError(*reply)) {
    got += " (" + Printable(TextOf(*reply)) + ')';
  }
  return Below(std::string(endpoint) + ": " + std::to_string(promise.replicas) +
               " replica(s) should have the write (replicas=), and in time " + got);
}

std::optional<Error> CheckSettings(const WritePromise& promise, const Link& link) {
  if (link.durability.level >= promise.durability) return std::nullopt;
  return Below(
      link.connection->endpoint() +
      ": the server's settings are weaker than when the store was opened: " + link.durability.note);
}

}  // namespace

BatchAnswers RunBatch(Link& link,
                      const Layout& layout,
                      const WritePromise& promise,
                      const ScriptBatch& batch,
                      Deadline deadline) {
  const std::string key = layout.names.Hash(batch.group);
  const std::string& endpoint = link.connection->endpoint();
  std::vector<Command> calls = MakeCalls(layout, promise, batch, key);
  const std::size_t count = calls.size();
  if (promise.replicas > 0) {
    calls.push_back(
        Command{"WAIT", std::to_string(promise.replicas), WaitTime(promise, deadline)}.Follows());
  }
  Replies got = link.connection->Run(calls, Risk::kWrite, deadline);
  BatchAnswers answers;
  for (std::size_t call = 0; call < count; ++call) {
    const std::size_t first = call * CallSize(batch);
    const std::size_t items = std::min(CallSize(batch), batch.items - first);
    std::optional<Error> error = CallError(got, call, items, layout, endpoint);
    if (error) error->With("key", key);
    for (std::size_t i = 0; i < items; ++i) {
      if (error) {
        answers.items.emplace_back(*error);
      } else {
        answers.items.emplace_back(ElementsOf(*got.replies[call])[i]);
      }
    }
  }
  answers.below = CheckSettings(promise, link);
  if (promise.replicas > 0) {
    if (auto fewer = CheckReplicas(promise, got.replies[count], endpoint)) {
      answers.below = std::move(fewer);
    }
  }
  answers.replies = std::move(got.replies);
  return answers;
}

}  // namespace offsetstore::redis
