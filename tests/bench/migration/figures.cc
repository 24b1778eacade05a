// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// offsetstore_migration_figures OFFSETCTL [linear|memory|tool]...: what is no comparison in pairs.
// tests/bench/run.sh --migration builds it, starts the servers and runs it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "estate.h"
#include "program.h"
#include "temp_dir.h"

namespace offsetstore::bench {
namespace {

std::vector<std::string> MigrateCommand(const std::string& offsetctl,
                                        const std::string& from,
                                        const std::string& to,
                                        const std::string& folder) {
  return {offsetctl,
          "migrate",
          "--from=" + from,
          "--to=" + to,
          "--on-conflict=source",
          "--allow-rewind",
          "--execute",
          "--yes",
          "--quiet",
          "--output=json",
          "--state-dir=" + folder};
}

Took MoveEstate(const std::string& offsetctl, const Estate& estate) {
  const testing::TempDir folder;
  return RunProgram(MigrateCommand(offsetctl,
                                   ServerOf(kZooKeeper) + estate.Chroot(),
                                   "kafka://" + ServerOf(kKafka),
                                   folder.path().string()),
                    (folder / "output").string());
}

void ShowMove(const char* what, const Shape& shape, const Took& took) {
  std::printf("%s, %d groups x %d: %.1f s, %.0f groups/s, %.0f positions/s, at most %.0f MB\n",
              what,
              shape.groups,
              shape.partitions,
              took.seconds,
              shape.groups / took.seconds,
              shape.Positions() / took.seconds,
              took.megabytes);
  std::fflush(stdout);
}

Took MedianOf(std::vector<Took> runs) {
  const auto faster = [](const Took& a, const Took& b) { return a.seconds < b.seconds; };
  std::sort(runs.begin(), runs.end(), faster);
  return runs[runs.size() / 2];
}

/// Ever more groups; the median of five runs.
void Linear(const std::string& offsetctl) {
  constexpr int kRuns = 5;
  for (const int groups : {1000, 2000, 4000, 8000}) {
    Estate estate({groups, 4});
    std::vector<Took> runs;
    for (int i = 0; i <= kRuns; ++i, estate.Turn()) {
      const Took took = MoveEstate(offsetctl, estate);
      if (i > 0) runs.push_back(took);  // The first makes the groups.
    }
    ShowMove("offsetctl migrate", estate.shape(), MedianOf(runs));
  }
}

/// A store of files with a million positions.
std::string MakeFiles(const Shape& shape, const std::string& folder) {
  std::string uri = "file://" + folder + "?sync=interval";
  const auto store = Open(uri);
  for (int i = 0; i < shape.groups; ++i) {
    std::vector<Move> moves(static_cast<std::size_t>(shape.partitions));
    for (int at = 0; at < shape.partitions; ++at) {
      moves[static_cast<std::size_t>(at)].at = {"orders", at};
      moves[static_cast<std::size_t>(at)].to = Position(i + at);
    }
    const auto outcomes = store->Commit("payments-" + std::to_string(i),
                                        moves,
                                        ThisProcess(Owner::Kind::kMember),
                                        Atomicity::kEach,
                                        Soon());
    Require(static_cast<bool>(outcomes), outcomes ? "" : ToString(outcomes.error()));
    for (const Outcome& outcome : *outcomes) RequireApplied(outcome);
  }
  Require(static_cast<bool>(store->Close(Soon())), "close");
  return uri;
}

void Memory(const std::string& offsetctl) {
  constexpr Shape kMillion{10'000, 100};
  const testing::TempDir folder;
  const std::string from = MakeFiles(kMillion, (folder / "from").string());
  const std::string to = "file://" + (folder / "to").string() + "?sync=interval";
  const Took took = RunProgram(MigrateCommand(offsetctl, from, to, (folder / "state").string()),
                               (folder / "log").string());
  ShowMove("offsetctl migrate, files to files", kMillion, took);
  for (const Shape shape : {Shape{1000, 100}, Shape{10'000, 4}}) {
    ShowMove("offsetctl migrate", shape, MoveEstate(offsetctl, Estate::Of(shape)));
  }
}

std::string JarsOf() {
  const char* jars = std::getenv("OFFSETSTORE_TEST_KAFKA_JARS");
  Require(jars != nullptr, "OFFSETSTORE_TEST_KAFKA_JARS");
  return jars;
}

Took RunTool(const Estate& estate) {
  const testing::TempDir folder;
  const std::string csv = (folder / "offsets.csv").string();
  std::vector<std::string> words = {"java",
                                    "-Xmx512m",
                                    "-cp",
                                    JarsOf() + "/*",
                                    "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
                                    "--bootstrap-server",
                                    ServerOf(kKafka),
                                    "--timeout",
                                    "600000",
                                    "--reset-offsets",
                                    "--from-file",
                                    csv,
                                    "--execute"};
  std::ofstream rows(csv);
  for (const OldGroup& group : estate.Groups()) {
    words.insert(words.end(), {"--group", group.name});
    for (const OldPosition& one : group.positions) {
      rows << group.name << ',' << one.topic << ',' << one.partition << ',' << one.position << '\n';
    }
  }
  rows.close();
  const Took took = RunProgram(words, (folder / "output").string());
  Require(NewGroups().Read(estate.Groups()) == estate.Groups(), "the tool wrote something else");
  return took;
}

/// The tool that comes with Kafka, fed the same by one file and all names of groups.
void Tool(const std::string& offsetctl) {
  constexpr int kRuns = 1;  // Theirs takes minutes.
  Estate& estate = Estate::Of({10'000, 4});
  std::vector<Took> theirs;
  std::vector<Took> ours;
  for (int i = 0; i < kRuns; ++i) {
    theirs.push_back(RunTool(estate));
    ShowMove("kafka-consumer-groups", estate.shape(), theirs.back());
    estate.Turn();
    ours.push_back(MoveEstate(offsetctl, estate));
    ShowMove("offsetctl migrate", estate.shape(), ours.back());
    estate.Turn();
  }
  std::printf("offsetctl is %.1f times as fast (%d run each)\n",
              MedianOf(theirs).seconds / MedianOf(ours).seconds,
              kRuns);
}

void Measure(const std::vector<std::string>& words) {
  Require(!words.empty(), "the path of offsetctl is missing");
  const auto wanted = [&](const char* name) {
    return words.size() == 1 || std::find(words.begin() + 1, words.end(), name) != words.end();
  };
  if (wanted("linear")) Linear(words[0]);
  if (wanted("memory")) Memory(words[0]);
  if (wanted("tool")) Tool(words[0]);
}

}  // namespace
}  // namespace offsetstore::bench

int main(int argc, char** argv) {
  offsetstore::bench::Measure({argv + 1, argv + argc});
}
