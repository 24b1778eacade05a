// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// offsetstore.delivery: what is refused, and at most once.
#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <utility>

#include "offsetstore/backends/sqlite.h"
#include "transactor.h"

namespace offsetstore::testing {
namespace {

const TopicPartition kAt{"orders", 0};

std::string Refusal(const Config& config) {
  const auto consumer = Consumer::Open(ToProperties(config), {});
  REQUIRE_FALSE(consumer);
  CHECK(consumer.error().code == ErrorCode::kConfigInvalid);
  return consumer.error().message;
}

bool Says(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

TEST_CASE(
    "exactly once with a store that shares no transaction is refused, and what works is said") {
  OnceTopic topic(1);
  topic.config["offsetstore.uri"] = FileUri(topic.dir);
  const std::string refusal = Refusal(topic.config);
  CHECK(Says(refusal, "file cannot share a transaction"));
  CHECK(Says(refusal, "at-least-once"));
  CHECK(Says(refusal, "sqlite:"));
}

TEST_CASE("two stores are in no one transaction") {
  OnceTopic topic(1);
  topic.config.erase("offsetstore.uri");
  topic.config["offsetstore.dual.primary"] = "sqlite://" + topic.path();
  topic.config["offsetstore.dual.secondary"] = FileUri(topic.dir);
  CHECK(Says(Refusal(topic.config), "cannot share a transaction"));
}

TEST_CASE("keys that cannot be kept together with a way of delivery are refused") {
  OnceTopic topic(1);
  SUBCASE("exactly once, several workers") {
    topic.config["offsetstore.workers"] = "2";
    CHECK(Says(Refusal(topic.config), "one batch at a time"));
  }
  SUBCASE("exactly once, skip") {
    topic.config["offsetstore.on.error"] = "skip";
    CHECK(Says(Refusal(topic.config), "in the same transaction"));
  }
  SUBCASE("at most once, retry") {
    topic.config["offsetstore.delivery"] = "at-most-once";
    topic.config["offsetstore.on.error"] = "retry";
    CHECK(Says(Refusal(topic.config), "a second time"));
  }
  SUBCASE("at most once, Kafka's own store") {
    topic.config["offsetstore.delivery"] = "at-most-once";
    topic.config["offsetstore.uri"] = "kafka:";
    CHECK(Says(Refusal(topic.config), "keeps no claims"));
  }
  SUBCASE("exactly once, Kafka's own store: what it needs") {
    topic.config["offsetstore.uri"] = "kafka:";
    CHECK(Says(Refusal(topic.config), "assign joins no group"));
    topic.config.erase("assign");
    topic.config["topics"] = "orders";
    CHECK(Says(Refusal(topic.config), "write transactional.id="));
    topic.config["group.instance.id"] = "one";
    topic.config["isolation.level"] = "read_uncommitted";
    CHECK(Says(Refusal(topic.config), "read_committed"));
    topic.config.erase("offsetstore.uri");
    topic.config["offsetstore.dual.primary"] = "kafka:";
    topic.config["offsetstore.dual.secondary"] = "memory:";
    CHECK(Says(Refusal(topic.config), "cannot share a transaction"));
  }
  SUBCASE("no such way") {
    topic.config["offsetstore.delivery"] = "twice";
    CHECK(Says(Refusal(topic.config), "at-least-once, at-most-once, exactly-once"));
  }
}

TEST_CASE(
    "a style of use that does not deliver as configured is refused, and the right one named") {
  OnceTopic topic(1);
  const OpenTransactional open = [](const StoreInfo&,
                                    const std::string&,
                                    Deadline) -> Result<std::unique_ptr<TransactionalPositions>> {
    return MakeError(ErrorCode::kInternal, "is not called");
  };
  const auto nothing = [](std::span<Record* const>) -> Status { return {}; };
  SUBCASE("exactly once") {
    auto consumer = Consumer::Open(ToProperties(topic.config), {});
    REQUIRE(consumer);
    const Status run = (*consumer)->Run([](Record&) -> Status { return {}; }, {});
    REQUIRE_FALSE(run);
    CHECK(Says(run.error().message, "RunTransactions"));
    CHECK_FALSE((*consumer)->Poll(Duration(1)));
  }
  SUBCASE("exactly once, Kafka's own store") {
    topic.config["offsetstore.uri"] = "kafka:";
    topic.config.erase("assign");
    topic.config["topics"] = "orders";
    topic.config["transactional.id"] = "one";
    auto consumer = Consumer::Open(ToProperties(topic.config), {});
    REQUIRE_MESSAGE(consumer, ToString(consumer.error()));
    const Status run = (*consumer)->RunTransactions(open, nothing, {});
    REQUIRE_FALSE(run);
    CHECK(Says(run.error().message, "use RunToKafka"));
  }
  SUBCASE("at least once") {
    topic.config["offsetstore.delivery"] = "at-least-once";
    auto consumer = Consumer::Open(ToProperties(topic.config), {});
    REQUIRE(consumer);
    const Status run = (*consumer)->RunTransactions(open, nothing, {});
    REQUIRE_FALSE(run);
    CHECK(run.error().code == ErrorCode::kInvalidArgument);
    CHECK(Says(run.error().message, "use Run"));
  }
}

struct AtMostOnce : OnceTopic {
  AtMostOnce() : OnceTopic(1) {
    config["offsetstore.delivery"] = "at-most-once";
    store = OpenBeside("sqlite://" + path());
  }
  [[nodiscard]] std::int64_t StoredNow() const { return Stored(*store, "g", kAt).value_or(0); }
  std::unique_ptr<OffsetStore> store;
};

TEST_CASE("at most once: a record is handed out after its position is stored, and once") {
  const AtMostOnce topic;
  std::atomic<int> early = 0;
  Member member(topic.config, [&](Record& record) -> Status {
    if (topic.StoredNow() <= record.offset()) ++early;
    return {};
  });
  REQUIRE(member.WaitForCount(OnceTopic::kRecords));
  CHECK(member.Handled()[kAt] == Sequence(0, OnceTopic::kRecords));
  CHECK(early == 0);
  CHECK(member.WaitForEnd());
  REQUIRE(member.Stop());
  CHECK(topic.StoredNow() == OnceTopic::kRecords);
}

TEST_CASE("A01 at most once: what fails is not tried again, by nobody") {
  AtMostOnce topic;
  const auto fails = [](Record& record) -> Status {
    if (record.offset() == 100) throw std::runtime_error("boom");
    return {};
  };
  SUBCASE("stop: the rest of its batch is lost") {
    // Batches end by their count alone, never by their age; it divides what there is.
    topic.config["offsetstore.batch.records"] = "125";
    topic.config["offsetstore.batch.interval"] = "10m";
    {
      Member member(topic.config, fails);
      const auto ended = member.Ended();
      REQUIRE(ended);
      REQUIRE_FALSE(*ended);
      CHECK(Says(ToString(ended->error()), "offset=100"));
      CHECK(member.Handled()[kAt] == Sequence(0, 100));
    }
    CHECK(topic.StoredNow() == 125);
    Member next(topic.config);
    REQUIRE(next.WaitForCount(OnceTopic::kRecords - 125));
    CHECK(next.Handled()[kAt] == Sequence(125, OnceTopic::kRecords));
  }
  SUBCASE("skip: only the record is") {
    topic.config["offsetstore.on.error"] = "skip";
    Member member(topic.config, fails);
    REQUIRE(member.WaitForCount(OnceTopic::kRecords - 1));
    CHECK(member.events().Wait(EventKind::kSkipped)->position == Position(100));
    REQUIRE(member.Stop());
  }
}

TEST_CASE("A02 at most once: an operator's set is followed, and nothing is handed out twice") {
  const AtMostOnce topic;
  std::atomic<bool> go_on = false;
  Member member(topic.config, [&](Record& record) -> Status {
    if (record.offset() != 70) return {};
    return Eventually([&] { return go_on.load(); }) ? Status()
                                                    : MakeError(ErrorCode::kInternal, "late");
  });
  REQUIRE(member.WaitForCount(70));
  REQUIRE(Eventually([&] { return topic.StoredNow() > 70; }));
  const std::int64_t end_of_batch = topic.StoredNow();
  REQUIRE(OperatorSet(*topic.store, "g", kAt, 450).Ok());
  go_on = true;
  const auto at_end = [&] { return topic.StoredNow() == OnceTopic::kRecords; };
  CHECK_MESSAGE(Eventually(at_end), member.events().Text());
  REQUIRE(member.Stop());
  auto handled = member.Handled()[kAt];
  const std::vector<std::int64_t> tail(handled.end() - 50, handled.end());
  CHECK(tail == Sequence(450, OnceTopic::kRecords));
  CHECK(std::cmp_equal(handled.size(), end_of_batch + 50));
}

}  // namespace
}  // namespace offsetstore::testing
