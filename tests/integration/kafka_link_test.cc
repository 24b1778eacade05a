// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Exactly once from topic to topic over a network whose faults the test chooses.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdlib>
#include <functional>

#include "piper.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

std::function<void()>& BeforeCommit() {
  static std::function<void()> hook;
  return hook;
}

}  // namespace
}  // namespace offsetstore::testing

/// Librdkafka's, with a word before: the program's own symbols come before those of the library. By
/// then every record is acknowledged, so that all that is left to send is the commit.
extern "C" rd_kafka_error_t* rd_kafka_commit_transaction(rd_kafka_t* producer, int timeout_ms) {
  const auto call = reinterpret_cast<decltype(&rd_kafka_commit_transaction)>(
      ::dlsym(RTLD_NEXT, "rd_kafka_commit_transaction"));
  if (call == nullptr) std::abort();
  if (rd_kafka_flush(producer, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR) std::abort();
  offsetstore::testing::BeforeCommit()();
  return call(producer, timeout_ms);
}

namespace offsetstore::testing {
namespace {

constexpr int kStruck = 3;

/// A member behind a proxy, whose third commit meets `fault`.
struct Link {
  Pipe pipe{2};
  TcpProxy proxy{PortOf(KafkaBehindProxy()), PortOf(KafkaProxy())};
  std::atomic<std::uint64_t> handled = 0;
  /// Records whose results the commit before the struck one has, and those it would have too: a
  /// batch is as large as what had come by then.
  std::atomic<std::uint64_t> before = 0;
  std::atomic<std::uint64_t> with = 0;
  std::atomic<int> commits = 0;
  std::unique_ptr<Piper> member;

  explicit Link(TcpProxy::Fault fault) {
    BeforeCommit() = [this, fault] {
      if (commits + 1 < kStruck) before = handled.load();
      if (commits + 1 == kStruck) {
        with = handled.load();
        proxy.Set(fault);
      }
      ++commits;
    };
    Config config = pipe.For("a");
    config["bootstrap.servers"] = KafkaProxy();
    member = std::make_unique<Piper>(
        pipe, config, [this](std::span<Record* const> records, Output& output) {
          handled += records.size();
          return WriteResults(pipe, records, output);
        });
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() = default;

  [[nodiscard]] bool AwaitStruck() const {
    return Eventually([&] { return commits >= kStruck; });
  }
  /// What an independent reader sees, past the proxy.
  [[nodiscard]] std::uint64_t Rows() const { return pipe.Results().rows; }
  void CheckOnce() {
    CHECK_MESSAGE(pipe.IsDoneOnce(), member->events().Text());
    CHECK(member->Stop());
    CHECK(pipe.Positions() == static_cast<std::int64_t>(pipe.total()));
  }
};

}  // namespace

TEST_CASE("E04 the commit of a transaction of Kafka is cut on its way: every result once") {
  Link link(TcpProxy::Fault::kHoldRequests);
  REQUIRE_MESSAGE(link.AwaitStruck(), link.member->events().Text());
  REQUIRE(link.proxy.AwaitHeld());
  CHECK(link.Rows() == link.before);
  link.proxy.CutAll();
  link.CheckOnce();
}

TEST_CASE("E04 the answer to the commit of a transaction of Kafka is lost: every result once") {
  Link link(TcpProxy::Fault::kHoldReplies);
  REQUIRE_MESSAGE(link.AwaitStruck(), link.member->events().Text());
  // The brokers have done it, and its producer does not know.
  REQUIRE_MESSAGE(Eventually([&] { return link.Rows() == link.with; }),
                  link.member->events().Text());
  CHECK(link.commits == kStruck);
  link.proxy.CutAll();
  link.CheckOnce();
}

TEST_CASE("E04 the answer to the commit of a transaction of Kafka comes late: every result once") {
  Link link(TcpProxy::Fault::kHoldReplies);
  REQUIRE_MESSAGE(link.AwaitStruck(), link.member->events().Text());
  REQUIRE_MESSAGE(Eventually([&] { return link.Rows() == link.with; }),
                  link.member->events().Text());
  link.proxy.Set(TcpProxy::Fault::kNone);
  link.CheckOnce();
}

}  // namespace offsetstore::testing
