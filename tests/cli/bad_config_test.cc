// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "internal/flock.h"
#include "mock_cluster.h"

namespace offsetstore::testing {
namespace {

struct Configured {
  TempDir folder;
  std::string file = (folder / "c.properties").string();
  std::string uri = "file://" + (folder / "store").string();

  /// Runs consume with this configuration and checks that it is refused in one line.
  [[nodiscard]] Ran Refused(const std::string& text, const Words& more = {}) const {
    WriteFile(file, text);
    Words words = {"consume", "--config", file};
    words.insert(words.end(), more.begin(), more.end());
    Ran ran = Offsetctl(words);
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(IsOneComplaint(ran.err));
    CHECK(ran.out.empty());
    return ran;
  }
  [[nodiscard]] std::string Good(const std::string& more = {}) const {
    return "bootstrap.servers=127.0.0.1:1\ngroup.id=g\ntopics=orders\noffsetstore.uri=" + uri +
           "\n" + more;
  }
};

TEST_CASE("a configuration that is no properties file is refused") {
  const Configured config;
  CHECK(config.Refused("").ErrHas("c.properties"));
  CHECK(config.Refused(std::string("\x7f\x45LF\0\x01\xff\xfe", 8)).ErrHas("c.properties"));
  CHECK(config.Refused("just words\n").ErrHas("c.properties:1"));
  for (const std::string& line : {std::string("a=b\0c\n", 6), std::string("a=b\rc\n")}) {
    CHECK(config.Refused("x=1\n" + line)
              .ErrHas("c.properties:2: the line is not UTF-8 text, or holds a control character"));
  }
  CHECK(config.Refused("a=1\na=2\n").ErrHas("c.properties:2"));
  CHECK(Offsetctl({"consume", "--config", "/nonexistent"}).code == 2);
  CHECK(Offsetctl({"consume", "--config", config.folder.path().string()}).code == 2);
}

TEST_CASE("what cannot go together, or is librdkafka's own way, is refused with what to write") {
  const Configured config;
  CHECK(config.Refused(config.Good("enable.auto.commit=true\n")).ErrHas("enable.auto.commit"));
  CHECK(config.Refused(config.Good("offset.store.method=file\n")).ErrHas("offset.store.method"));
  CHECK(config.Refused(config.Good("assign=orders:0\n")).ErrHas("assign"));
  CHECK(config.Refused(config.Good("offsetstore.comit.interval=1s\n"))
            .ErrHas("offsetstore.commit.interval"));
  CHECK(config.Refused(config.Good(), {"--set", "frobnicate=1"}).ErrHas("frobnicate"));
  CHECK(config.Refused(config.Good(), {"--set", "offsetstore.uri=gopher://x"}).ErrHas("gopher"));
  CHECK(config.Refused("group.id=g\ntopics=orders\noffsetstore.uri=" + config.uri + "\n")
            .ErrHas("bootstrap.servers"));
}

TEST_CASE("topics that are no regular expression are refused, by key and pattern") {
  const Configured config;
  const Ran ran = config.Refused(config.Good(), {"--topic", "^["});
  CHECK(ran.ErrHas("topics: '^[' begins with ^ and is no regular expression"));
}

TEST_CASE("opening ends by --timeout, whatever the configuration allows a call") {
  const Configured config;
  std::filesystem::create_directory(config.folder / "store");
  std::filesystem::permissions(config.folder / "store", std::filesystem::perms::owner_all);
  auto lock = internal::LockFile::Open(config.folder / "store" / "offsetstore.lock");
  REQUIRE(lock);
  REQUIRE(lock->Lock(Deadline::After(std::chrono::seconds(10))));
  WriteFile(config.file, config.Good("offsetstore.store.timeout=1h\n"));
  const Words words = {"consume", "--config", config.file, "--timeout", "1s"};
  const Ran held = Offsetctl(words);
  CHECK(held.code == 5);
  CHECK(held.ErrHas("offsetstore.lock"));
  lock->Unlock();
  const Ran no_brokers = Offsetctl(words);
  CHECK(no_brokers.code == 5);
  CHECK(no_brokers.ErrHas("127.0.0.1:1"));
}

TEST_CASE("arguments of consume that cannot work are refused") {
  const Configured config;
  static_cast<void>(config.Refused(config.Good(), {"--format", "%q"}));
  static_cast<void>(config.Refused(config.Good(), {"--max-records", "0"}));
  static_cast<void>(config.Refused(config.Good(), {"--set", "novalue"}));
}

TEST_CASE("brokers that do not answer are told, by name") {
  const Configured config;
  WriteFile(config.file, config.Good("offsetstore.store.timeout=1s\n"));
  const Ran ran = Offsetctl({"consume", "--config", config.file});
  INFO(ran.err);
  CHECK(ran.code == 5);
  CHECK(ran.ErrHas("127.0.0.1:1"));
}

TEST_CASE("a file that cannot be appended to is refused before anything is read") {
  const MockCluster cluster(1, 10);
  const Consuming consuming(cluster, "orders:0");
  for (const std::string& into : {consuming.folder.path().string(),
                                  std::string("/dev/null"),
                                  std::string("/nonexistent/file")}) {
    CAPTURE(into);
    const Ran ran = Offsetctl(consuming.With({"--exit-at-end", "--into", into}));
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(IsOneComplaint(ran.err));
  }
  CHECK(Lines(consuming.Rest()).size() == 10);
}

TEST_CASE("a partition that does not exist is refused") {
  const MockCluster cluster(1, 1);
  const Consuming consuming(cluster, "orders:0,7");
  const Ran ran = Offsetctl(consuming.With({"--exit-at-end"}));
  CHECK(ran.code == 2);
  CHECK(IsOneComplaint(ran.err));
}

}  // namespace
}  // namespace offsetstore::testing
