// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What is wrong is said in one clear error, and nothing is lost.
#include <doctest/doctest.h>

#include <filesystem>

#include "rig.h"

namespace offsetstore::testing {
namespace {

constexpr int kFewRecords = 20;

std::string OpenError(const Config& config, ErrorCode code) {
  const auto consumer = Consumer::Open(ToProperties(config));
  REQUIRE_FALSE(consumer);
  CHECK_MESSAGE(consumer.error().code == code, ToString(consumer.error()));
  return consumer.error().message;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a topic that does not exist is named") {
  Config config = Basic(UniqueGroup(), "memory:");
  config["topics"] = "no-such-topic";
  CHECK(Contains(OpenError(config, ErrorCode::kInvalidArgument), "no-such-topic"));
  config.erase("topics");
  config["assign"] = "no-such-topic:0";
  CHECK(Contains(OpenError(config, ErrorCode::kInvalidArgument), "no-such-topic"));
}

TEST_CASE("a partition that does not exist is named") {
  const Topic topic(2);
  Config config = Basic(UniqueGroup(), "memory:");
  config["assign"] = topic.name() + ":0-2";
  CHECK(Contains(OpenError(config, ErrorCode::kConfigInvalid), topic.name() + "[2]"));
}

TEST_CASE("a refused password is said at once, and not shown") {
  Config config = Basic(UniqueGroup(), "memory:", KafkaSaslBrokers());
  config["topics"] = "orders";
  config["security.protocol"] = "sasl_plaintext";
  config["sasl.mechanisms"] = "PLAIN";
  config["sasl.username"] = "app";
  config["sasl.password"] = "hunter2";
  const std::string message = OpenError(config, ErrorCode::kPermissionDenied);
  CHECK_FALSE(Contains(message, "hunter2"));
}

/// Positions that were stored for another cluster.
struct Foreign {
  Foreign() : topic(1) {
    topic.Fill(kFewRecords);
    config = Basic(UniqueGroup(), FileUri(dir));
    config["assign"] = topic.name() + ":0";
    const auto store = OpenBeside(FileUri(dir));
    Move move;
    move.at = topic.At(0);
    move.to = Position(5);
    move.from = Absent{};
    move.cluster_id = "another-cluster";
    const auto stored = store->Commit(config["group.id"],
                                      {&move, 1},
                                      ThisProcess(Owner::Kind::kOperator),
                                      Atomicity::kEach,
                                      Deadline::After(std::chrono::seconds(5)));
    REQUIRE(stored);
    REQUIRE(stored->at(0).Ok());
  }
  TempDir dir;
  Topic topic;
  Config config;
};

TEST_CASE("positions of another cluster are refused, naming both") {
  Foreign foreign;
  Member member(foreign.config);
  const auto ended = member.Ended();
  REQUIRE(ended);
  REQUIRE_FALSE(*ended);
  CHECK_MESSAGE(ended->error().code == ErrorCode::kConflict, ToString(ended->error()));
  CHECK(Contains(ended->error().message, "another-cluster"));
  CHECK(member.Count() == 0);
}

TEST_CASE("positions of another cluster are adopted where that is asked for") {
  Foreign foreign;
  foreign.config["offsetstore.cluster"] = "adopt";
  Member member(foreign.config);
  REQUIRE_MESSAGE(member.WaitForCount(kFewRecords - 5), member.events().Text());
  CHECK(member.Handled()[foreign.topic.At(0)] == Sequence(5, kFewRecords));
  REQUIRE(member.Stop());
}

/// The store vanishes while records are processed: nothing may count as stored from then on.
void CheckStoreRemoved(const std::string& uri, const std::filesystem::path& path) {
  Topic topic(1);
  topic.Fill(kFewRecords);
  Config config = Basic(UniqueGroup(), uri);
  config["assign"] = topic.name() + ":0";
  Member member(config);
  REQUIRE(member.WaitForEnd());
  std::filesystem::remove_all(path);
  const std::size_t before = member.events().Count(EventKind::kCommitted);
  topic.Fill(kFewRecords);
  const auto noticed = [&] {
    return member.events().Count(EventKind::kStoreDown) > 0 ||
           member.events().Count(EventKind::kFenced) > 0 || !member.Active();
  };
  CHECK_MESSAGE(Eventually(noticed), member.events().Text());
  CHECK_MESSAGE(member.events().Count(EventKind::kCommitted) == before, member.events().Text());
}

TEST_CASE("a file store that is removed while it is used is noticed") {
  const TempDir dir;
  CheckStoreRemoved(FileUri(dir), dir / "offsets");
}

TEST_CASE("an SQLite database that is removed while it is used is noticed") {
  const TempDir dir;
  CheckStoreRemoved(SqliteUri(dir), dir.path());
}

}  // namespace
}  // namespace offsetstore::testing
