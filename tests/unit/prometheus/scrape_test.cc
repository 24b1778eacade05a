// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Stores are measured, an HTTP client reads the text.
#include <limits>
#include <string>
#include <vector>

#include "exposed.h"
#include "fault_store.h"
#include "in_threads.h"
#include "offsetstore/backends/memory.h"
#include "offsetstore/open.h"

namespace offsetstore::testing {
namespace {

using Op = FaultStore::Op;

const std::string kStore = "store=\"memory:this process\"";

/// A memory store with all layers, failing by script.
struct Measured {
  explicit Measured(PrometheusOptions given = {}) : exposed(std::move(given)) {
    auto bare = OpenMemoryStore({});
    REQUIRE(bare);
    auto faulty = std::make_unique<FaultStore>(*std::move(bare));
    faults = faulty.get();
    OpenOptions options;
    options.metrics = exposed.metrics.get();
    options.retry.backoff = Duration(1);
    store = WithLayers(std::move(faulty), options);
  }

  [[nodiscard]] Answers<Outcome> Commit(std::int32_t partition, std::int64_t position) const {
    Move move;
    move.at = {"orders", partition};
    move.to = Position(position);
    return store->Commit("billing",
                         {&move, 1},
                         ThisProcess(Owner::Kind::kMember),
                         Atomicity::kEach,
                         Deadline::After(std::chrono::seconds(20)));
  }
  [[nodiscard]] std::string Partitions(const std::string& outcome) const {
    return exposed.Value(R"(offsetstore_partitions_total{operation="commit",outcome=")" + outcome +
                         R"(",)" + kStore + "}");
  }

  Exposed exposed;
  FaultStore* faults = nullptr;
  std::unique_ptr<OffsetStore> store;
};

TEST_CASE("commits through a measured store are read over HTTP") {
  const Measured measured;
  const std::string last = "offsetstore_last_durable_commit_timestamp_seconds{" + kStore + "}";
  CHECK(measured.exposed.Value(last).empty());
  const std::chrono::duration<double> before = Now().time_since_epoch();
  REQUIRE(measured.Commit(0, 10));
  REQUIRE(measured.Commit(1, 10));
  REQUIRE(measured.Commit(1, 5));  // Backwards: a conflict.
  const std::string text = measured.exposed.Text();
  CHECK(text.starts_with("HTTP/1.1 200 OK"));
  CHECK(text.find("# TYPE offsetstore_operation_duration_seconds histogram\n") !=
        std::string::npos);
  CHECK(text.find("# HELP offsetstore_partitions_total Partitions answered") != std::string::npos);
  CHECK(SampleOf(text,
                 "offsetstore_operation_duration_seconds_count{operation=\"commit\"," + kStore +
                     "}") == "3");
  CHECK(SampleOf(text,
                 "offsetstore_operation_duration_seconds_bucket{operation=\"commit\"," + kStore +
                     ",le=\"+Inf\"}") == "3");
  CHECK(measured.Partitions("applied") == "2");
  CHECK(measured.Partitions("conflict") == "1");
  CHECK(measured.Partitions("fenced") == "0");
  CHECK(std::stod(SampleOf(text, last)) >= before.count());
}

TEST_CASE("retries and lost answers are read over HTTP") {
  const Measured measured;
  const std::string retries = "offsetstore_retries_total{operation=\"commit\"," + kStore + "}";
  const std::string in_doubt = "offsetstore_in_doubt_total{operation=\"commit\"," + kStore + "}";
  CHECK(measured.exposed.Value(retries) == "0");
  CHECK(measured.exposed.Value(in_doubt) == "0");
  measured.faults->Script(Op::kCommit, FailCall(ErrorCode::kUnavailable).Times(2));
  REQUIRE(measured.Commit(0, 10));
  measured.faults->Script(Op::kCommit, FailPartitions(ErrorCode::kInDoubt));
  REQUIRE(measured.Commit(0, 11));
  CHECK(measured.exposed.Value(retries) == "2");
  CHECK(measured.exposed.Value(in_doubt) == "1");
  CHECK(measured.Partitions("in_doubt") == "1");
  CHECK(measured.exposed.Value("offsetstore_attempt_duration_seconds_count{operation=\"commit\"," +
                               kStore + "}") == "4");
}

TEST_CASE("a call that fails as a whole is counted by its code") {
  const Measured measured;
  measured.faults->SetDown(true);
  CHECK_FALSE(measured.Commit(0, 10));
  CHECK(measured.exposed.Value(
            "offsetstore_operation_errors_total{code=\"Unavailable\",operation=\"commit\"," +
            kStore + "}") == "1");
}

TEST_CASE("threads that measure into one series lose nothing") {
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  const Measured measured;
  InThreads(kThreads, [&](int i) {
    for (int n = 1; n <= kEach; ++n) static_cast<void>(measured.Commit(i, n));
  });
  CHECK(measured.Partitions("applied") == std::to_string(kThreads * kEach));
}

TEST_CASE("bytes that are no text do not spoil the page") {
  const Exposed exposed;
  const std::array labels = {MetricLabel{"group", "a\"b\\c\nd\xff"}, MetricLabel{"event", "lost"}};
  exposed.metrics->Count({"offsetstore_session_events_total", labels}, 3);
  // Printable first, then escaped as the text format asks.
  CHECK(exposed.Value("offsetstore_session_events_total{event=\"lost\","
                      "group=\"a\\\"b\\\\c\\\\x0ad\\\\xff\"}") == "3");
}

TEST_CASE("a name that is none is dropped, and the others stay") {
  const Exposed exposed;
  exposed.metrics->Count({"no name", {}}, 1);
  exposed.metrics->Count({"taken_total", {}}, 1);
  exposed.metrics->Set({"taken_total", {}}, 7);  // Another type under the same name.
  CHECK(exposed.Value("taken_total") == "1");
  CHECK(exposed.Text().find("no name") == std::string::npos);
}

TEST_CASE("buckets are chosen by the application, and must be some") {
  const Measured measured({.buckets = {0.5, 60}});
  REQUIRE(measured.Commit(0, 1));
  CHECK(
      measured.exposed.Value("offsetstore_operation_duration_seconds_bucket{operation=\"commit\"," +
                             kStore + ",le=\"60\"}") == "1");
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  for (const auto& bad :
       std::vector<std::vector<double>>{{}, {0.1, 0.1}, {2, 1}, {0, 1}, {-1, 1}, {1, kInfinite}}) {
    const auto made = PrometheusMetrics::Make({.buckets = bad});
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::kInvalidArgument);
    CHECK(made.error().message.find("buckets") != std::string::npos);
  }
}

}  // namespace
}  // namespace offsetstore::testing
