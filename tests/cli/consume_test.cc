// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "eventually.h"
#include "internal/flock.h"
#include "mock_cluster.h"

namespace offsetstore::testing {
namespace {

std::set<std::string> Union(std::set<std::string> one, const std::set<std::string>& other) {
  one.insert(other.begin(), other.end());
  return one;
}

TEST_CASE("consume prints every record once, commits, and has nothing left") {
  const MockCluster cluster(2, 500);
  const Consuming consuming(cluster, "orders:0-1");
  const std::string all = consuming.Rest();
  CHECK(Lines(all).size() == 500);
  CHECK(WholeLines(all) == Numbers(500));
  CHECK(consuming.Rest().empty());
  cluster.Produce(4);
  CHECK(Lines(consuming.Rest()).size() == 4);
  const Ran got = Offsetctl({"get", consuming.uri, "g", "--output", "csv"});
  CHECK(Lines(got.out)[1].rfind("g,orders,0,252,", 0) == 0);
}

TEST_CASE("consume takes exactly as many records as asked for, and goes on behind them") {
  const MockCluster cluster(1, 100);
  const Consuming consuming(cluster, "orders:0");
  for (const int first : {0, 7, 14}) {
    const Ran ran = Offsetctl(consuming.With({"--max-records", "7", "--format", "%o\\n"}));
    CHECK(ran.code == 0);
    REQUIRE(Lines(ran.out).size() == 7);
    CHECK(Lines(ran.out)[0] == std::to_string(first));
  }
  CHECK(Lines(consuming.Rest()).size() == 79);
}

TEST_CASE("consume prints the fields that the format asks for") {
  const MockCluster cluster(1, 3);
  const Consuming consuming(cluster, "orders:0");
  const Ran ran = Offsetctl(
      consuming.With({"--max-records", "2", "--format", "%t[%p]@%o k=%k(%K) %s(%S)%%\\x0a"}));
  CHECK(ran.out == "orders[0]@0 k=(-1) 0(1)%\norders[0]@1 k=(-1) 1(1)%\n");
}

TEST_CASE("every token of the format prints what kcat prints") {
  const MockCluster cluster(1, 0);
  const Consuming consuming(cluster, "orders:0");
  const Words produce = {
      "/usr/bin/kcat", "-P", "-b", cluster.brokers(), "-t", MockCluster::kTopic, "-p", "0"};
  const auto with = [&](const Words& more) {
    Words words = produce;
    words.insert(words.end(), more.begin(), more.end());
    return Offsetctl(words).code;
  };
  WriteFile(consuming.folder / "one", "payload");
  WriteFile(consuming.folder / "none", "");
  const std::string one = (consuming.folder / "one").string();
  REQUIRE(with({"-k", "key", "-H", "a=1", "-H", "b=x,y", "-H", "c", one}) == 0);
  REQUIRE(with({one}) == 0);
  REQUIRE(with({"-k", "", "-Z", (consuming.folder / "none").string()}) == 0);
  const std::string format = R"(%t|%p|%o|%k|%K|%s|%S|%R|%h|%T|%%|\t\x41\\\q\n)";
  const Ran kcat = Offsetctl({"/usr/bin/kcat",
                              "-C",
                              "-q",
                              "-b",
                              cluster.brokers(),
                              "-t",
                              MockCluster::kTopic,
                              "-o",
                              "beginning",
                              "-e",
                              "-f",
                              format});
  REQUIRE(kcat.code == 0);
  CHECK(Lines(kcat.out).size() >= 2);
  CHECK(Offsetctl(consuming.With({"--exit-at-end", "--format", format})).out == kcat.out);
}

TEST_CASE("records are appended to a file, run after run") {
  const MockCluster cluster(2, 300);
  const Consuming consuming(cluster, "orders:0-1");
  const std::string file = (consuming.folder / "records").string();
  CHECK(Offsetctl(consuming.With({"--max-records", "100", "--into", file})).code == 0);
  CHECK(Lines(ReadFile(file)).size() == 100);
  const Ran rest = Offsetctl(consuming.With({"--exit-at-end", "--into", file}));
  CHECK(rest.code == 0);
  CHECK(rest.out.empty());
  CHECK(Lines(ReadFile(file)).size() == 300);
  CHECK(WholeLines(ReadFile(file)) == Numbers(300));
}

TEST_CASE("a reader that goes away loses nothing, not even what was left in the pipe") {
  const MockCluster cluster(2, 50000);
  const Consuming consuming(cluster, "orders:0-1");
  Running running(consuming.With({"--exit-at-end"}), Running::Output::kPipe);
  const std::string read = running.ReadPipe(1000);
  CHECK_FALSE(read.empty());
  running.ClosePipe();
  const Ran ran = running.Wait();
  CHECK(ran.code == 9);
  CHECK(IsOneComplaint(ran.err));
  CHECK(ran.ErrHas("Broken pipe"));
  CHECK(Union(WholeLines(read), WholeLines(consuming.Rest())) == Numbers(50000));
}

TEST_CASE("a full disk under standard output commits nothing that was not written") {
  const MockCluster cluster(2, 500);
  const Consuming consuming(cluster, "orders:0-1");
  const Ran ran = Offsetctl(consuming.With({"--exit-at-end"}), "/dev/full");
  CHECK(ran.code == 9);
  CHECK(IsOneComplaint(ran.err));
  CHECK(WholeLines(consuming.Rest()) == Numbers(500));
}

TEST_CASE("a disk that fills under --into leaves whole records, and loses none") {
  const MockCluster cluster(1, 30000);
  const Consuming consuming(cluster, "orders:0");
  const std::string file = (consuming.folder / "records").string();
  // A file may grow to 16 blocks of 512 bytes; a signal would end the program, so it is ignored.
  Words words = {"/bin/sh", "-c", "trap '' XFSZ; ulimit -f 16; exec \"$@\"", "sh", OFFSETCTL};
  for (const std::string& word : consuming.With({"--exit-at-end", "--into", file})) {
    words.push_back(word);
  }
  const Ran ran = Offsetctl(words);
  CHECK(ran.code == 9);
  CHECK(IsOneComplaint(ran.err));
  const std::string kept = ReadFile(file);
  CHECK((kept.empty() || kept.back() == '\n'));
  CHECK(Union(WholeLines(kept), WholeLines(consuming.Rest())) == Numbers(30000));
}

TEST_CASE("Ctrl-C finishes, commits and ends with 130; SIGTERM with 143") {
  const MockCluster cluster(2, 300);
  for (const int signal : {SIGINT, SIGTERM}) {
    const Consuming consuming(cluster, "orders:0-1", "offsetstore.commit.interval=1h\n");
    Running running(consuming.With({}));
    REQUIRE(Eventually([&] { return Lines(running.Out()).size() == 300; }));
    running.Signal(signal);
    const Ran ran = running.Wait();
    CHECK(ran.code == 128 + signal);
    CHECK(ran.err.empty());
    CHECK(consuming.Rest().empty());
  }
}

TEST_CASE("a reader that reads nothing holds nobody up: one signal gives up, two end at once") {
  const MockCluster cluster(2, 60000);
  for (const int times : {1, 2}) {
    const Consuming consuming(cluster, "orders:0-1");
    const std::string wide = std::string(200, '.') + "%s\\n";
    Running running(consuming.With({"--format", wide}), Running::Output::kPipe);
    CHECK_FALSE(running.ReadPipe(1).empty());
    running.Signal(SIGINT);
    if (times == 2) running.Signal(SIGTERM);
    const Ran ran = running.Wait();
    CHECK((ran.code == 130 || ran.code == 143));
    CHECK(WholeLines(consuming.Rest()) == Numbers(60000));
  }
}

TEST_CASE("a kill in the middle repeats records and loses none") {
  const MockCluster cluster(2, 60000);
  const Consuming consuming(cluster, "orders:0-1", "offsetstore.commit.interval=20ms\n");
  const std::filesystem::path file = consuming.folder / "records";
  for (const std::size_t lines : {1000U, 20000U, 40000U}) {
    Running running(consuming.With({"--into", file.string()}));
    REQUIRE(Eventually([&] { return Lines(ReadFile(file)).size() >= lines; }));
    running.Signal(SIGKILL);
    CHECK(running.Wait().code == 128 + SIGKILL);
  }
  CHECK(Offsetctl(consuming.With({"--exit-at-end", "--into", file.string()})).code == 0);
  CHECK(WholeLines(ReadFile(file)) == Numbers(60000));
}

TEST_CASE("a store that is removed while it is used is told, and ends in an error") {
  const MockCluster cluster(1, 10);
  const Consuming consuming(cluster, "orders:0", "offsetstore.commit.interval=20ms\n");
  Running running(consuming.With({}));
  REQUIRE(Eventually([&] { return Lines(running.Out()).size() == 10; }));
  std::filesystem::remove_all(consuming.folder / "store");
  cluster.Produce(10);
  REQUIRE(Eventually([&] { return running.Err().find("store down") != std::string::npos; }));
  running.Signal(SIGINT);
  const Ran ran = running.Wait();
  INFO(ran.err);
  CHECK(ran.code == 5);
  CHECK(ran.ErrHas("was removed, moved or replaced while the store was open"));
  CHECK_FALSE(ran.ErrHas("open lock file"));
}

TEST_CASE("a store file that is torn while it is used ends the run, told once, and stays refused") {
  const MockCluster cluster(1, 10);
  const Consuming consuming(cluster, "orders:0", "offsetstore.commit.interval=20ms\n");
  const std::filesystem::path log = consuming.folder / "store" / "groups" / "g.log";
  Running running(consuming.With({}));
  REQUIRE(Eventually([&] { return Offsetctl({"get", consuming.uri, "g"}).OutHas(" 10  stored"); }));
  std::filesystem::resize_file(log, 60);
  cluster.Produce(10);
  const Ran ran = running.Wait();
  INFO(ran.err);
  CHECK(ran.code == 1);
  CHECK(IsOneComplaint(ran.err));
  CHECK(ran.ErrHas("Corrupt"));
  CHECK(ran.ErrHas(log.string()));
  CHECK(Offsetctl(consuming.With({"--exit-at-end"})).code == 1);
}

/// Holds the lock under which a file store is made, as a process that hangs would.
struct HeldStore {
  explicit HeldStore(const Consuming& consuming) {
    std::filesystem::create_directory(consuming.folder / "store");
    std::filesystem::permissions(consuming.folder / "store", std::filesystem::perms::owner_all);
    auto opened = internal::LockFile::Open(consuming.folder / "store" / "offsetstore.lock");
    REQUIRE(opened);
    lock.emplace(*std::move(opened));
    REQUIRE(lock->Lock(Deadline::After(std::chrono::seconds(10))));
  }
  std::optional<internal::LockFile> lock;
};

TEST_CASE("while the store cannot be opened the first Ctrl-C ends it: nothing is in hand") {
  const MockCluster cluster(1, 10);
  const Consuming consuming(cluster, "orders:0", "offsetstore.store.timeout=1h\n");
  const HeldStore held(consuming);
  Running running(consuming.With({"--timeout", "1h"}));
  // Its lock file is open: it waits.
  REQUIRE(
      Eventually([&] { return running.HasOpen(consuming.folder / "store" / "offsetstore.lock"); }));
  running.Signal(SIGINT);
  CHECK(running.Wait().code == 130);
}

TEST_CASE(
    "while a commit hangs the first Ctrl-C waits by --timeout and tells, the second ends it") {
  for (const int times : {1, 2}) {
    CAPTURE(times);
    const MockCluster cluster(1, 10);
    const Consuming consuming(
        cluster, "orders:0", "offsetstore.commit.interval=20ms\noffsetstore.store.timeout=2s\n");
    // It bounds the opening too.
    const std::string timeout = times == 1 ? "5s" : "1h";
    Running running(consuming.With({"--timeout", timeout}));
    REQUIRE(Eventually([&] {
      return Offsetctl({"get", consuming.uri, "g"}).OutHas(" 10  stored");
    }));
    auto lock = internal::LockFile::Open(consuming.folder / "store" / "groups" / "g.lock");
    REQUIRE(lock);
    REQUIRE(lock->Lock(Deadline::After(std::chrono::seconds(10))));
    cluster.Produce(1);
    REQUIRE(Eventually([&] { return Lines(running.Out()).size() == 11; }));
    running.Signal(SIGINT);
    if (times == 2) running.Signal(SIGTERM);
    const Ran ran = running.Wait();
    INFO(ran.err);
    if (times == 1) CHECK(ran.code == 5);
    if (times == 2) CHECK((ran.code == 130 || ran.code == 143));
    lock->Unlock();
    CHECK(Lines(consuming.Rest()).size() == 1);
  }
}

TEST_CASE("a stored position of another cluster is refused, naming both") {
  const MockCluster cluster(1, 10);
  const MockCluster other(1, 10);
  const Consuming consuming(cluster, "orders:0");
  CHECK(Lines(consuming.Rest()).size() == 10);
  const Ran ran = Offsetctl(consuming.With({"--set", "bootstrap.servers=" + other.brokers()}));
  INFO(ran.err);
  CHECK(ran.code == 4);
  CHECK(ran.ErrHas("cluster"));
}

}  // namespace
}  // namespace offsetstore::testing
