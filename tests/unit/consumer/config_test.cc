// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "config_text.h"

namespace offsetstore::testing {
namespace {

using namespace std::chrono_literals;

TEST_CASE("the defaults are those of the table") {
  const auto config = Read(std::string(kBasic) + "topics=orders\n");
  REQUIRE(config);
  CHECK(config->session.start.policy == StartPolicy::kEarliest);
  CHECK(config->session.out_of_range == OutOfRange::kFail);
  CHECK(config->session.commit_records == 1000);
  CHECK(config->session.commit_interval == 1s);
  CHECK(config->session.max_uncommitted == 4096);
  CHECK(config->session.drain_timeout == 10s);
  CHECK(config->session.stall_timeout == 1min);
  CHECK(config->session.claim_check == 5s);
  CHECK(config->session.assign_bound == 2s);
  CHECK(config->session.store_timeout == 5s);
  CHECK_FALSE(config->session.takeover);
  CHECK_FALSE(config->session.adopt_cluster);
  CHECK_FALSE(config->session.static_assignment);
  CHECK(config->workers == 1);
  CHECK(config->on_error == OnError::kStop);
  CHECK(config->backoff == 100ms);
  CHECK(config->backoff_max == 30s);
  CHECK_FALSE(config->mirror);
  CHECK(config->session.owner == ThisProcess(Owner::Kind::kMember).host);
}

TEST_CASE("every key of ours reaches its place") {
  const auto config = Read(std::string(kBasic) +
                           "assign=orders:0-1,payments:7\n"
                           "offsetstore.start=latest\n"
                           "offsetstore.out.of.range=earliest\n"
                           "offsetstore.commit.records=1\n"
                           "offsetstore.commit.interval=0\n"
                           "offsetstore.max.uncommitted=64\n"
                           "offsetstore.drain.timeout=3s\n"
                           "offsetstore.workers=4\n"
                           "offsetstore.on.error=retry\n"
                           "offsetstore.on.error.backoff=5ms\n"
                           "offsetstore.on.error.backoff.max=1s\n"
                           "offsetstore.stall.timeout=0\n"
                           "offsetstore.claim.check=1s\n"
                           "offsetstore.assign.timeout=500ms\n"
                           "offsetstore.store.timeout=7s\n"
                           "offsetstore.owner=payments-1\n"
                           "offsetstore.takeover=true\n"
                           "offsetstore.cluster=adopt\n"
                           "offsetstore.mirror=kafka\n");
  REQUIRE_MESSAGE(config, Refusal(""));
  CHECK(config->assign == Partitions{{"orders", 0}, {"orders", 1}, {"payments", 7}});
  CHECK(config->session.start.policy == StartPolicy::kLatest);
  CHECK(config->session.out_of_range == OutOfRange::kEarliest);
  CHECK(config->session.commit_records == 1);
  CHECK(config->session.commit_interval == 0s);
  CHECK(config->session.max_uncommitted == 64);
  CHECK(config->session.drain_timeout == 3s);
  CHECK(config->workers == 4);
  CHECK(config->on_error == OnError::kRetry);
  CHECK(config->backoff == 5ms);
  CHECK(config->backoff_max == 1s);
  CHECK(config->session.stall_timeout == 0s);
  CHECK(config->session.claim_check == 1s);
  CHECK(config->session.assign_bound == 500ms);
  CHECK(config->session.store_timeout == 7s);
  CHECK(config->session.owner == "payments-1");
  CHECK(config->session.takeover);
  CHECK(config->session.adopt_cluster);
  CHECK(config->session.static_assignment);
  CHECK(config->session.group == "g");
  CHECK(config->mirror);
}

TEST_CASE("auto.offset.reset is the start where offsetstore.start is absent") {
  const std::string base = std::string(kBasic) + "topics=orders\n";
  const auto policy = [&](const std::string& lines) {
    const auto config = Read(base + lines);
    REQUIRE(config);
    return config->session.start.policy;
  };
  for (const char* name : {"earliest", "smallest", "beginning"}) {
    CHECK(policy(std::string("auto.offset.reset=") + name + "\n") == StartPolicy::kEarliest);
  }
  for (const char* name : {"latest", "largest", "end"}) {
    CHECK(policy(std::string("auto.offset.reset=") + name + "\n") == StartPolicy::kLatest);
  }
  for (const char* name : {"error", "none"}) {
    CHECK(policy(std::string("auto.offset.reset=") + name + "\n") == StartPolicy::kFail);
  }
  CHECK(policy("auto.offset.reset=latest\noffsetstore.start=committed\n") ==
        StartPolicy::kCommitted);
  CHECK(policy("offsetstore.start=earliest\nauto.offset.reset=latest\n") == StartPolicy::kEarliest);
}

TEST_CASE("librdkafka gets the user's keys and the ones that we own") {
  const auto config = Read(std::string(kBasic) +
                           "topics=orders\n"
                           "auto.offset.reset=latest\n"
                           "enable.auto.commit=false\n"
                           "enable.auto.offset.store=false\n"
                           "client.id=me\n"
                           "isolation.level=read_uncommitted\n"
                           "queued.max.messages.kbytes=1024\n");
  REQUIRE(config);
  CHECK(config->queue_bytes == 1024U * 1024U);
  CHECK_FALSE(config->report_end);
  const auto conf = MakeClientConf(*config);
  REQUIRE(conf);
  CHECK(conf->Get("client.id") == "me");
  CHECK(conf->Get("enable.auto.commit") == "false");
  CHECK(conf->Get("enable.auto.offset.store") == "false");
  CHECK(conf->Get("auto.offset.reset") == "error");
  CHECK(conf->Get("enable.partition.eof") == "true");
  CHECK(conf->Get("statistics.interval.ms") == "1000");
}

TEST_CASE("a later entry of the same key takes the place of an earlier one") {
  auto properties = ParseProperties(std::string(kBasic) + "topics=orders\n", "app.properties");
  REQUIRE(properties);
  properties->entries.push_back({"offsetstore.workers", "2", 0});
  properties->entries.push_back({"offsetstore.workers", "3", 0});
  properties->entries.push_back({"group.id", "other", 0});
  const auto config = ReadConsumerConfig(*properties);
  REQUIRE(config);
  CHECK(config->workers == 3);
  CHECK(config->session.group == "other");
}

TEST_CASE("a static consumer's owner is named after its assignment") {
  const auto config = Read(std::string(kBasic) + "assign=orders:0-3\n");
  REQUIRE(config);
  CHECK(config->session.owner == ThisProcess(Owner::Kind::kMember).host + " orders:0-3");
}

}  // namespace
}  // namespace offsetstore::testing
