// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The same tree used by the real Kafka 0.8.2.2: its consumer and its tools.
#include <string>
#include <vector>

#include "eventually.h"
#include "kafka08.h"
#include "zookeeper_support.h"

namespace offsetstore::testing {
namespace {

constexpr int kRecords = 1000;

const Kafka08& Kafka() {
  static const Kafka08 kafka;
  return kafka;
}

/// One topic is enough for all: groups keep the cases apart.
const TopicPartition& At() {
  static const TopicPartition at{Kafka().Topic(kRecords), 0};
  return at;
}

/// A group of the store on Kafka's own tree.
struct OldGroup {
  std::unique_ptr<OffsetStore> store = MustOpen(Kafka().uri());
  TestGroup group{*store, Unique("group")};

  [[nodiscard]] std::string Words() const { return "--zookeeper @ZK --group " + group.name(); }
  [[nodiscard]] std::string Check(const std::string& more = "") const {
    return Kafka().Run("kafka.tools.ConsumerOffsetChecker", Words() + more);
  }
  /// The positions file of `ExportZkOffsets`.
  [[nodiscard]] std::string Export(const std::string& file) const {
    return Kafka().Run(
        "kafka.tools.ExportZkOffsets",
        "--zkconnect @ZK --group " + group.name() + " --output-file " + file + " && cat " + file);
  }
};

Result<LegacyGroup> Legacy(const std::string& group) {
  const auto options = OptionsOf(Kafka().uri());
  REQUIRE(options.has_value());
  const std::vector<std::string> names = {group};
  const auto groups = ReadLegacyGroups(*options, names, Soon());
  REQUIRE(groups.has_value());
  REQUIRE(groups->size() == 1);
  return groups->front();
}

/// `topic 0 500 1000 500` as ConsumerOffsetChecker aligns it, with one blank between.
std::string Squeezed(const std::string& text) {
  std::string squeezed;
  for (const char c : text) {
    if (c != ' ' || squeezed.empty() || squeezed.back() != ' ') squeezed += c;
  }
  return squeezed;
}

}  // namespace

TEST_CASE("a group that Kafka 0.8's own consumer wrote is read exactly") {
  const OldGroup old;
  const auto records = Kafka().Consume(old.group.name(), At().topic, 300);
  REQUIRE(records.size() == 300);
  CHECK(records.back() == "300");
  CHECK(old.group.PositionOf(At()) == 300);
  const Entry entry = old.group.EntryOf(At());
  CHECK(entry.writer.empty());
  CHECK(entry.commit_time.has_value());
  CHECK(old.group.All().size() == 1);
  CHECK(old.group.IsListed());
  // And continued by us, under a claim, from there.
  const ClaimResult claim = old.group.Claim(At());
  REQUIRE(claim == OutcomeCode::kApplied);
  CHECK(PositionIn(claim.slot) == 300);
  CHECK(old.group.Commit(Advance(At(), 301, claim.token)) == OutcomeCode::kApplied);
}

TEST_CASE("Kafka 0.8's consumer goes on from exactly our position, and we see what it did") {
  const OldGroup old;
  const ClaimToken claim = old.group.MustClaim(At());
  REQUIRE(old.group.Commit(Advance(At(), 500, claim)).Ok());
  const auto records = Kafka().Consume(old.group.name(), At().topic, 3, true);
  CHECK(records == std::vector<std::string>{"501", "502", "503"});
  const Answer mixed = old.group.Commit(Advance(At(), 600, claim));
  REQUIRE(mixed == OutcomeCode::kConflict);
  CHECK(mixed.conflict->advice.find("mixed group") != std::string::npos);
  const ClaimResult next = old.group.Claim(At(), claim);
  REQUIRE(next == OutcomeCode::kApplied);
  CHECK(PositionIn(next.slot) == 503);
  CHECK(std::get<Entry>(next.slot).writer == kZooKeeperOutsideWriter);
}

TEST_CASE("ConsumerOffsetChecker shows a group that only we wrote, with and without --topic") {
  const OldGroup old;
  REQUIRE(old.group.Commit(Advance(At(), 500)).Ok());
  const std::string line = old.group.name() + ' ' + At().topic + " 0 500 1000 500 none";
  CHECK(Squeezed(old.Check()).find(line) != std::string::npos);
  CHECK(Squeezed(old.Check(" --topic " + At().topic)).find(line) != std::string::npos);
}

TEST_CASE("positions survive ExportZkOffsets and ImportZkOffsets") {
  const OldGroup old;
  REQUIRE(old.group.Commit(WithMetadata(Advance(At(), 500), "m")).Ok());
  const std::string file = (Kafka().folder() / "exported").string();
  CHECK(old.Export(file) ==
        "/consumers/" + old.group.name() + "/offsets/" + At().topic + "/0:500\n");
  REQUIRE(old.group.Commit(Advance(At(), 700)).Ok());
  static_cast<void>(
      Kafka().Run("kafka.tools.ImportZkOffsets", "--zkconnect @ZK --input-file " + file));
  CHECK(old.group.PositionOf(At()) == 500);
  CHECK(old.group.EntryOf(At()).writer == kZooKeeperOutsideWriter);
  CHECK(old.group.Commit(Advance(At(), 501)) == OutcomeCode::kApplied);
}

TEST_CASE("a claim without a position, and a removed one, trip no old tool") {
  const OldGroup old;
  REQUIRE(old.group.Commit(Advance(At(), 500)).Ok());
  static_cast<void>(old.group.MustClaim({At().topic, 7}));
  REQUIRE(old.group.Commit(Advance({At().topic, 8}, 1)).Ok());
  REQUIRE(old.group.Remove({At().topic, 8}).Ok());
  const std::string file = (Kafka().folder() / "claimed").string();
  CHECK(old.Export(file) ==
        "/consumers/" + old.group.name() + "/offsets/" + At().topic + "/0:500\n");
  CHECK(Squeezed(old.Check()).find(" 0 500 1000 500 ") != std::string::npos);
}

TEST_CASE("a live group of Kafka 0.8 shows its members and what they own, and is gone after them") {
  const OldGroup old;
  CHECK_FALSE(Legacy(old.group.name())->Alive());
  Kafka08::Running consumer(Kafka(), old.group.name(), At().topic);
  Result<LegacyGroup> seen = Legacy(old.group.name());
  REQUIRE(Eventually([&] {
    seen = Legacy(old.group.name());
    return seen && !seen->members.empty() && !seen->ownerships.empty();
  }));
  REQUIRE(seen->members.size() == 1);
  CHECK(seen->members[0].id.starts_with(old.group.name() + '_'));
  CHECK(seen->members[0].subscription.find(At().topic) != std::string::npos);
  CHECK(seen->members[0].since > Time{});
  REQUIRE(seen->ownerships.size() == 1);
  CHECK(seen->ownerships[0].at == At());
  CHECK(seen->ownerships[0].thread.starts_with(seen->members[0].id));
  CHECK(Eventually([&] { return old.group.PositionOf(At()) == kRecords; }));
  consumer.Kill();
  CHECK(Eventually([&] { return !Legacy(old.group.name())->Alive(); }));
  CHECK(old.group.PositionOf(At()) == kRecords);
}

}  // namespace offsetstore::testing
