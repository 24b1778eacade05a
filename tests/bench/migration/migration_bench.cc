// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// From a real ZooKeeper to a real Kafka: what a migration takes beside its requests made by hand.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "estate.h"
#include "temp_dir.h"

namespace offsetstore::bench {
namespace {

/// Groups per sync of the journal, as `Pace::batch`.
constexpr std::size_t kBatch = 128;

template <class Work>
double SecondsOf(const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

const NewGroups& Target() {
  static const NewGroups groups;
  return groups;
}

const ZooKeeperHandle& Source() {
  static const ZooKeeperHandle handle;
  return handle;
}

/// Lines of text in a file, synced when told.
class Lines {
 public:
  explicit Lines(const std::filesystem::path& path)
      : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    Require(file_ >= 0, path.string());
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  ~Lines() { ::close(file_); }

  void Add(const OldGroup& before, const OldGroup& after) {
    for (std::size_t i = 0; i < before.positions.size(); ++i) {
      const OldPosition& one = before.positions[i];
      text_ += before.name + ' ' + one.topic + ' ' + std::to_string(one.partition) + ' ' +
               std::to_string(one.position) + ' ' + std::to_string(after.positions[i].position) +
               '\n';
    }
  }
  void Sync() {
    Require(::write(file_, text_.data(), text_.size()) == static_cast<ssize_t>(text_.size()) &&
                ::fdatasync(file_) == 0,
            "the journal");
    text_.clear();
  }

 private:
  int file_;
  std::string text_;
};

bool Same(const std::vector<OldGroup>& some, std::span<const OldGroup> others) {
  return std::equal(some.begin(), some.end(), others.begin(), others.end());
}

/// The slower of reading everything and writing everything.
double CopyByHand(Estate& estate) {
  estate.Turn();
  const std::vector<OldGroup> groups = estate.Groups();
  std::vector<OldGroup> found;
  const double reading = SecondsOf([&] { found = ReadTree(Source(), estate.Chroot()); });
  Require(found.size() == groups.size(), "the tree was not read");
  const double writing = SecondsOf([&] { Target().Write(groups); });
  return std::max(reading, writing);
}

void WriteBatch(const Estate& estate,
                std::span<const OldGroup> source,
                std::span<const OldGroup> target,
                Lines& journal) {
  Require(Same(ReadLeaves(Source(), estate.Chroot(), source), source), "source moved");
  Require(Same(Target().Read(source), target), "target moved");
  Require(CountRegistered(Source(), estate.Chroot(), source) == 0, "live in the source");
  Require(Target().CountLive() == 0, "live in the target");
  for (std::size_t i = 0; i < source.size(); ++i) journal.Add(target[i], source[i]);
  journal.Sync();
  Target().Write(source);
  Require(Same(Target().Read(source), source), "read back");
}

/// Plans, then checks, writes and reads back batch by batch.
double MigrateByHand(Estate& estate) {
  estate.Turn();
  const testing::TempDir folder;
  return SecondsOf([&] {
    Lines journal(folder / "journal");
    const std::vector<OldGroup> source = ReadTree(Source(), estate.Chroot());
    const std::vector<OldGroup> target = Target().Read(source);
    Require(CountRegistered(Source(), estate.Chroot(), source) == 0, "live in the source");
    Require(Target().CountLive() == 0, "live in the target");
    for (std::size_t first = 0; first < source.size(); first += kBatch) {
      const std::size_t count = std::min(kBatch, source.size() - first);
      WriteBatch(estate,
                 std::span(source).subspan(first, count),
                 std::span(target).subspan(first, count),
                 journal);
    }
  });
}

double CopyByUs(Estate& estate) {
  estate.Turn();
  const OpenEstate open(estate);
  return SecondsOf([&] { Migrate(open.Plain(), estate.shape()); });
}

double MigrateByUs(Estate& estate) {
  estate.Turn();
  OpenEstate open(estate);
  return SecondsOf([&] { Migrate(open.Guarded(), estate.shape()); });
}

/// A whole side. Before the first, every position is in the target: what is measured changes them.
template <int kGroups, int kPartitions, double (*run)(Estate&)>
void Side(benchmark::State& state) {
  constexpr Shape kShape{kGroups, kPartitions};
  Estate& estate = Estate::Of(kShape);
  static const bool written = (Target().Write(estate.Groups()), true);
  Require(written, "the positions before");
  for (auto _ : state) state.SetIterationTime(run(estate));
  state.SetItemsProcessed(state.iterations() * kShape.Positions());
}

template <int kGroups, int kPartitions>
struct Rows {
  explicit Rows(const std::string& shape)
      : copy({.name = "copy of " + shape,
              .items = "positions",
              .raw_does = "the slower of: the tree read by one handle of ZooKeeper, level by "
                          "level, 256 under way; `rd_kafka_AlterConsumerGroupOffsets` of the same "
                          "groups by 8 handles, 8 under way each",
              .raw = Side<kGroups, kPartitions, CopyByHand>,
              .ours = Side<kGroups, kPartitions, CopyByUs>,
              .iterations = 1,
              .server = kKafka}),
        migrate({.name = "migrate of " + shape,
                 .items = "positions",
                 .raw_does = "the same requests by hand: source, target and who is at work read "
                             "for all groups; then for each 128 groups again, a synced journal, "
                             "the write, the positions read back",
                 .raw = Side<kGroups, kPartitions, MigrateByHand>,
                 .ours = Side<kGroups, kPartitions, MigrateByUs>,
                 .iterations = 1,
                 .server = kKafka}) {}
  PairOf copy;
  PairOf migrate;
};

// The first two are a tenth of the others, for a first look.
const Rows<100, 100> kFewWide("100 groups x 100");
const Rows<1000, 4> kFew("1,000 groups x 4");
const Rows<1000, 100> kWide("1,000 groups x 100");
const Rows<10'000, 4> kMany("10,000 groups x 4");

}  // namespace
}  // namespace offsetstore::bench
