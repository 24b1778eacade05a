// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>

#include "config_values.h"
#include "consumer_config.h"
#include "internal/macros.h"
#include "offsetstore/units.h"

namespace offsetstore {
namespace {

using std::string_view;

/// Stores a parsed value; parsers stay one line each.
template <class T, class U>
Status Put(Result<T> parsed, U& target) {
  OS_ASSIGN_OR_RETURN(target, std::move(parsed));
  return {};
}

Status PutCount(string_view value, std::int64_t min, std::int64_t max, std::size_t& target) {
  const Result<std::int64_t> number = ParseInteger(value);
  if (!number || *number < min || *number > max) {
    return BadValue(value, "a number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  target = static_cast<std::size_t>(*number);
  return {};
}

Status PutDuration(string_view value, bool zero_allowed, Duration& target) {
  OS_ASSIGN_OR_RETURN(const Duration duration, ParseDuration(value));
  if (duration > std::chrono::hours(24)) return BadValue(value, "at most 24h");
  if (duration == Duration::zero() && !zero_allowed) return BadValue(value, "more than 0");
  target = duration;
  return {};
}

Status PutSize(string_view value, std::size_t& target) {
  OS_ASSIGN_OR_RETURN(const std::size_t size, ParseSize(value));
  if (size == 0) return BadValue(value, "more than 0");
  target = size;
  return {};
}

template <class T>
struct Choice {
  string_view name;
  T value;
};

template <class T, std::size_t N>
Status PutChoice(string_view value, const std::array<Choice<T>, N>& choices, T& target) {
  std::string names;
  for (const Choice<T>& choice : choices) {
    if (choice.name == value) {
      target = choice.value;
      return {};
    }
    names += (names.empty() ? "" : ", ") + std::string(choice.name);
  }
  return BadValue(value, "one of " + names);
}

constexpr std::array<Choice<OnError>, 3> kOnError = {
    {{"stop", OnError::kStop}, {"retry", OnError::kRetry}, {"skip", OnError::kSkip}}};
constexpr std::array<Choice<Delivery>, 3> kDelivery = {{{"at-least-once", Delivery::kAtLeastOnce},
                                                        {"at-most-once", Delivery::kAtMostOnce},
                                                        {"exactly-once", Delivery::kExactlyOnce}}};
constexpr std::array<Choice<OutOfRange>, 3> kOutOfRange = {{{"fail", OutOfRange::kFail},
                                                            {"earliest", OutOfRange::kEarliest},
                                                            {"latest", OutOfRange::kLatest}}};
constexpr std::array<Choice<bool>, 2> kCluster = {{{"check", false}, {"adopt", true}}};
constexpr std::array<Choice<bool>, 2> kMirror = {{{"none", false}, {"kafka", true}}};

using C = ConsumerConfig;

// Markdown in `text` is shown as it is in docs/configuration.md.
constexpr std::array kKeys = std::to_array<ConsumerKey>({
    {"topics",
     "",
     "`orders,payments`, `^regex`",
     "The topics of the group. This or `assign`.",
     [](string_view v, C& c) { return Put(ParseTopics(v), c.topics); }},
    {"assign",
     "",
     "`orders:0-3,orders:7`",
     "Static assignment: exactly these partitions, no group; the store's claim alone decides who "
     "commits. This or `topics`.",
     [](string_view v, C& c) { return Put(ParseAssignment(v), c.assign); }},
    {"offsetstore.uri",
     "",
     "`sqlite:///var/lib/app/offsets.db`, `file:///DIR`, `kafka:`, ...",
     "Where positions are kept. Required; the only line that changes with the store. "
     "`kafka:` is the consumer's own group in Kafka.",
     [](string_view v, C& c) { return Put(Result<std::string>(std::string(v)), c.uri); }},
    {"offsetstore.dual.primary",
     "",
     "as `offsetstore.uri`",
     "In place of `offsetstore.uri`, together with the next: positions are kept in two stores, and "
     "this one decides. For a [move from one store to another](dual.md) without a stop.",
     [](string_view v, C& c) { return Put(Result<std::string>(std::string(v)), c.dual_primary); }},
    {"offsetstore.dual.secondary",
     "",
     "as `offsetstore.uri`",
     "The store that follows. Where it cannot, the consumer goes on and a `drift` event says so.",
     [](string_view v, C& c) {
       return Put(Result<std::string>(std::string(v)), c.dual_secondary);
     }},
    {"offsetstore.delivery",
     "at-least-once",
     "`at-least-once`, `at-most-once`, `exactly-once`",
     "What a crash may do. `at-least-once`: positions follow the work, some records come again. "
     "`at-most-once`: positions are stored before records are handed out, some are lost. "
     "[`exactly-once`](exactly-once.md): `RunTransactions` moves positions in the transaction that "
     "holds the results; for stores that can share one (SQLite, PostgreSQL). With `kafka:` it is "
     "`RunToKafka`, [from topic to topic](exactly-once-kafka.md).",
     [](string_view v, C& c) { return PutChoice(v, kDelivery, c.delivery); }},
    {"offsetstore.batch.records",
     "1000",
     "1 to 1000000",
     "At most once and exactly once: records of one batch, which is one transaction. At most "
     "`offsetstore.max.uncommitted`. A thousand share the cost of one durable write.",
     [](string_view v, C& c) { return PutCount(v, 1, 1'000'000, c.batch.records); }},
    {"offsetstore.batch.bytes",
     "8MiB",
     "size",
     "A batch with so many bytes is full as well, so that large records do not make long "
     "transactions.",
     [](string_view v, C& c) { return PutSize(v, c.batch.bytes); }},
    {"offsetstore.batch.interval",
     "100ms",
     "duration, `0` = do not wait",
     "How long the first record of a batch waits for others.",
     [](string_view v, C& c) { return PutDuration(v, true, c.batch.interval); }},
    {"offsetstore.start",
     "earliest",
     "`earliest`, `latest`, `committed`, `fail`, `timestamp:2026-01-02T03:04:05Z`, "
     "`timestamp:MILLISECONDS`",
     "Where to begin a topic of which the group has nothing stored. Resolved once for every "
     "partition and stored at once; a partition that appears later starts at its first record. "
     "`committed` is what the group has in Kafka, for the first start with a new store. "
     "`auto.offset.reset` is taken where this is absent. `earliest`, because nothing is skipped.",
     [](string_view v, C& c) { return Put(ParseStart(v), c.session.start); }},
    {"offsetstore.out.of.range",
     "fail",
     "`fail`, `earliest`, `latest`",
     "A stored position that is not in the log: retention passed it, or the topic was made anew. "
     "`fail`, because going on would skip or repeat records without a word. Where the others go on "
     "is stored before a record is read (`kafka:`: with the first commit), and told as `out of "
     "range`.",
     [](string_view v, C& c) { return PutChoice(v, kOutOfRange, c.session.out_of_range); }},
    {"offsetstore.commit.records",
     "1000",
     "0 to 1000000",
     "Commit when so many records of a partition are done; `1` commits each, `0` does not count. "
     "A thousand records share the cost of one durable write.",
     [](string_view v, C& c) { return PutCount(v, 0, 1'000'000, c.session.commit_records); }},
    {"offsetstore.commit.interval",
     "1s",
     "duration, `0` = off",
     "Commit what is done after so long. On revoke and at the end a commit is always made. One "
     "second bounds what is repeated on a quiet topic.",
     [](string_view v, C& c) { return PutDuration(v, true, c.session.commit_interval); }},
    {"offsetstore.max.uncommitted",
     "4096",
     "64 to 1048576",
     "Records of one partition that are delivered and not yet acknowledged by the store; then the "
     "partition is paused. Bounds the repeats of one kill. Rounded up to a power of two.",
     [](string_view v, C& c) { return PutCount(v, 64, 1'048'576, c.session.max_uncommitted); }},
    {"offsetstore.drain.timeout",
     "10s",
     "duration",
     "What a revocation and the end may wait for records in work and for the last commit. Must be "
     "below `max.poll.interval.ms`; the rest of the group waits meanwhile.",
     [](string_view v, C& c) { return PutDuration(v, false, c.session.drain_timeout); }},
    {"offsetstore.workers",
     "1",
     "1 to 1024",
     "Threads that run the handler of `Run`. The order within a partition is kept. One, because "
     "most handlers are not written for more.",
     [](string_view v, C& c) { return PutCount(v, 1, 1024, c.workers); }},
    {"offsetstore.on.error",
     "stop",
     "`stop`, `retry`, `skip`",
     "When the handler throws or returns an error: end `Run` with it and commit nothing past the "
     "record; try the record again; or give it up with an event. `stop`, because only you know "
     "which records may be given up.",
     [](string_view v, C& c) { return PutChoice(v, kOnError, c.on_error); }},
    {"offsetstore.on.error.backoff",
     "100ms",
     "duration",
     "The first pause before a record is tried again, doubled each time. Other partitions go on.",
     [](string_view v, C& c) { return PutDuration(v, false, c.backoff); }},
    {"offsetstore.on.error.backoff.max",
     "30s",
     "duration",
     "The longest such pause.",
     [](string_view v, C& c) { return PutDuration(v, false, c.backoff_max); }},
    {"offsetstore.stall.timeout",
     "1m",
     "duration, `0` = off",
     "A record in work for so long raises an event with its place and age.",
     [](string_view v, C& c) { return PutDuration(v, true, c.session.stall_timeout); }},
    {"offsetstore.claim.check",
     "5s",
     "duration",
     "How often the claims of all held partitions are compared with the store, so that a quiet "
     "consumer too notices an operator's `set` or a takeover; and the beat of a static holder.",
     [](string_view v, C& c) { return PutDuration(v, false, c.session.claim_check); }},
    {"offsetstore.assign.timeout",
     "2s",
     "duration",
     "What claims and range checks may take of a rebalance; partitions that are not ready join "
     "later. A longer block would stall the whole group.",
     [](string_view v, C& c) { return PutDuration(v, false, c.session.assign_bound); }},
    {"offsetstore.store.timeout",
     "5s",
     "duration",
     "One call to the store, and finding the brokers at the start.",
     [](string_view v, C& c) { return PutDuration(v, false, c.session.store_timeout); }},
    {"offsetstore.owner",
     "",
     "text",
     "The name shown to whom this consumer fences, and the reverse. Default: the host name, and "
     "the assignment where it is static. A static holder that comes back under the same name is "
     "let in as soon as its former process is gone.",
     [](string_view v, C& c) { return Put(Result<std::string>(std::string(v)), c.session.owner); }},
    {"offsetstore.takeover",
     "false",
     "`true`, `false`",
     "Static assignment: take partitions that somebody else holds, fencing him. `false`, because "
     "he may be at work.",
     [](string_view v, C& c) { return Put(ParseBool(v), c.session.takeover); }},
    {"offsetstore.cluster",
     "check",
     "`check`, `adopt`",
     "Positions that were stored with another Kafka cluster's id are refused, or adopted. "
     "`check`, because a consumer pointed at the wrong cluster would skip records.",
     [](string_view v, C& c) { return PutChoice(v, kCluster, c.session.adopt_cluster); }},
    {"offsetstore.mirror",
     "none",
     "`none`, `kafka`",
     "Also commit to Kafka, after the store and without waiting, so that lag tools keep working. "
     "For display: never restored from.",
     [](string_view v, C& c) { return PutChoice(v, kMirror, c.mirror); }},
});

}  // namespace

std::string_view ToString(Delivery delivery) noexcept {
  return std::ranges::find(kDelivery, delivery, &Choice<Delivery>::value)->name;
}

std::span<const ConsumerKey> ConsumerKeys() {
  return kKeys;
}

}  // namespace offsetstore
