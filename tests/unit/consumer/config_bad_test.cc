// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fstream>

#include "config_text.h"
#include "offsetstore/consumer.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

std::string WithTopic(const std::string& lines) {
  return std::string(kBasic) + "topics=orders\n" + lines;
}

TEST_CASE("what librdkafka would do by itself is refused with what to write instead") {
  const std::string commit = Refusal(WithTopic("enable.auto.commit=true\n"));
  CHECK(Contains(commit, "app.properties:5: enable.auto.commit: 'true' is refused"));
  CHECK(Contains(commit, "enable.auto.commit=false"));
  CHECK(Contains(Refusal(WithTopic("auto.commit.enable=1\n")), "is refused"));
  CHECK(Contains(Refusal(WithTopic("enable.auto.offset.store=true\n")),
                 "write enable.auto.offset.store=false"));
  CHECK(Contains(Refusal(WithTopic("offset.store.method=file\n")),
                 "app.properties:5: offset.store.method: 'file' is refused: write "
                 "offsetstore.uri=file:///DIR"));
  CHECK(Contains(Refusal(WithTopic("offset.store.path=/x\n")), "offsetstore.uri=file:///DIR"));
  CHECK(Contains(Refusal(WithTopic("offset.store.sync.interval.ms=5\n")), "sync=interval"));
  CHECK(Contains(Refusal(WithTopic("enable.auto.commit=maybe\n")), "expected true or false"));
}

TEST_CASE("an empty configuration names what is needed") {
  CHECK(Contains(Refusal(""), "app.properties: no keys at all"));
  CHECK(Contains(Refusal("# only a comment\n\n"), "no keys at all"));
  CHECK(Contains(Refusal("topics=a\nbootstrap.servers=b:1\noffsetstore.uri=memory:\n"),
                 "group.id is missing"));
  CHECK(Contains(Refusal("topics=a\nbootstrap.servers=b:1\ngroup.id=g\n"),
                 "offsetstore.uri is missing"));
  CHECK(Contains(Refusal("topics=a\ngroup.id=g\noffsetstore.uri=memory:\n"),
                 "bootstrap.servers is missing"));
  CHECK(Contains(Refusal(kBasic), "neither topics nor assign"));
}

TEST_CASE("topics and assign at once are refused, with both lines") {
  const std::string refusal = Refusal(WithTopic("assign=orders:0\n"));
  CHECK(Contains(refusal, "app.properties:5: assign: topics (app.properties:4)"));
}

TEST_CASE("an unknown key names the nearest one, ours or librdkafka's") {
  CHECK(Contains(Refusal(WithTopic("offsetstore.worker=2\n")),
                 "app.properties:5: offsetstore.worker: unknown key"));
  CHECK(Contains(Refusal(WithTopic("offsetstore.worker=2\n")), "'offsetstore.workers'?"));
  CHECK(Contains(Refusal(WithTopic("offset.store.uri=memory:\n")), "'offsetstore.uri'?"));
  CHECK(Contains(Refusal(WithTopic("sesion.timeout.ms=2\n")), "'session.timeout.ms'?"));
  CHECK(Contains(Refusal(WithTopic("topic=2\n")), "'topics'?"));
  CHECK_FALSE(Contains(Refusal(WithTopic("zzzzzzzzzzzzzzzzzz=2\n")), "did you mean"));
}

TEST_CASE("a bad value names file, line, key and what is allowed") {
  const auto refused = [](const std::string& line, std::string_view part) {
    const std::string refusal = Refusal(WithTopic(line + "\n"));
    CHECK_MESSAGE(Contains(refusal, "app.properties:5: "), refusal);
    CHECK_MESSAGE(Contains(refusal, part), refusal);
  };
  refused("offsetstore.start=soon", "expected earliest, latest");
  refused("offsetstore.start=timestamp:yesterday", "timestamp:2026-01-02T03:04:05Z");
  refused("offsetstore.out.of.range=ignore", "one of fail, earliest, latest");
  refused("offsetstore.commit.records=-1", "a number from 0 to 1000000");
  refused("offsetstore.commit.records=1e3", "a number from 0");
  refused("offsetstore.commit.interval=5", "offsetstore.commit.interval");
  refused("offsetstore.commit.interval=", "the value is empty");
  refused("offsetstore.max.uncommitted=1", "a number from 64");
  refused("offsetstore.drain.timeout=0", "more than 0");
  refused("offsetstore.drain.timeout=25h", "at most 24h");
  refused("offsetstore.workers=0", "a number from 1 to 1024");
  refused("offsetstore.workers=99999999999999999999", "a number from 1 to 1024");
  refused("offsetstore.on.error=ignore", "one of stop, retry, skip");
  refused("offsetstore.takeover=yes", "true or false");
  refused("offsetstore.cluster=any", "one of check, adopt");
  refused("offsetstore.mirror=zookeeper", "one of none, kafka");
  refused("auto.offset.reset=middle", "earliest, latest or error");
  refused("session.timeout.ms=abc", "session.timeout.ms");
}

TEST_CASE("values that cannot work together are refused") {
  CHECK(Contains(Refusal(WithTopic("offsetstore.drain.timeout=10s\nmax.poll.interval.ms=10000\n")),
                 "must be below max.poll.interval.ms=10000"));
  CHECK(
      Contains(Refusal(WithTopic("offsetstore.commit.records=0\noffsetstore.commit.interval=0\n")),
               "one of them must say when to commit"));
  CHECK(Contains(
      Refusal(WithTopic("offsetstore.max.uncommitted=64\noffsetstore.commit.interval=0\n")),
      "no commit would ever be made"));
  CHECK(Contains(Refusal(WithTopic("offsetstore.takeover=true\n")), "needs assign"));
  CHECK(Contains(Refusal(WithTopic("offsetstore.on.error.backoff=1m\n")),
                 "is above offsetstore.on.error.backoff.max"));
}

TEST_CASE("a secret is not shown, whatever is wrong") {
  const std::string refusal =
      Refusal(WithTopic("sasl.password=hunter2\nsasl.pasword=hunter2\nssl.key.pem=hunter2\n"));
  CHECK_FALSE(Contains(refusal, "hunter2"));
  CHECK(Contains(refusal, "sasl.pasword"));
}

TEST_CASE("binary junk, a folder and a missing file are refused as configuration") {
  const TempDir dir;
  std::ofstream(dir / "junk", std::ios::binary) << std::string(
      "\x7f"
      "ELF\x02\x01\x01\0\0\xff\xfe",
      11);
  for (const auto& path : {dir / "junk", dir.path(), dir / "absent"}) {
    const auto consumer = Consumer::Open(path);
    REQUIRE_FALSE(consumer);
    CHECK(consumer.error().code == ErrorCode::kConfigInvalid);
    CHECK(Contains(consumer.error().message, path.string()));
  }
}

}  // namespace
}  // namespace offsetstore::testing
