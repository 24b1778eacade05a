// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// Files of positions against ExportZkOffsets and ImportZkOffsets of the real Kafka 0.8.2.2.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "kafka08.h"
#include "offsetstore/migration/compare.h"
#include "offsetstore/migration/export.h"
#include "offsetstore/migration/load.h"
#include "offsetstore/testing/test_group.h"
#include "zookeeper_support.h"

namespace offsetstore::testing {
namespace {

namespace mig = offsetstore::migration;
using Texts = std::vector<std::string>;

Kafka08& Kafka() {
  static Kafka08 kafka;
  return kafka;
}

Texts SortedLines(const std::string& text) {
  Texts lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::ranges::sort(lines);
  return lines;
}

mig::Filter Named(const Texts& groups) {
  auto filter = mig::Filter::Make(groups, {});
  REQUIRE(filter);
  return *filter;
}

std::string Export(OffsetStore& store, const Texts& groups) {
  std::string text;
  const auto writer =
      mig::MakeRowWriter(mig::Format::kZk, store.Info(), [&](std::string_view piece) {
        text += piece;
        return Status();
      });
  REQUIRE(writer);
  mig::ExportOptions options;
  options.groups = Named(groups);
  REQUIRE(mig::ExportStore(store, options, **writer));
  REQUIRE((*writer)->Finish());
  return text;
}

/// Two groups of the names of this run, with partitions that sort otherwise as texts.
struct OldGroups {
  std::unique_ptr<OffsetStore> store = MustOpen(Kafka().uri());
  Texts names = {Unique("group"), Unique("group")};

  OldGroups() {
    for (const std::string& name : names) {
      const TestGroup group(*store, name);
      for (const std::int32_t partition : {0, 1, 2, 9, 10, 11, 100}) {
        REQUIRE(group.Commit(Advance({"orders", partition}, 500 + partition)).Ok());
      }
      REQUIRE(group.Commit(Advance({"users.v_2-x", 3}, 9223372036854775807)).Ok());
    }
  }
};

}  // namespace

TEST_CASE("our lines are those of ExportZkOffsets") {
  const OldGroups old;
  const std::string file = (Kafka().folder() / "theirs").string();
  const std::string theirs =
      Kafka().Run("kafka.tools.ExportZkOffsets",
                  "--zkconnect @ZK --group " + old.names[0] + " --group " + old.names[1] +
                      " --output-file " + file + " && cat " + file);
  const std::string ours = Export(*old.store, old.names);
  CHECK(SortedLines(theirs).size() == 16);
  CHECK(SortedLines(ours) == SortedLines(theirs));
  // And we read theirs, in whatever order.
  mig::FormatOptions options;
  const auto loaded = mig::LoadFileAsStore(file, options);
  REQUIRE_MESSAGE(loaded, loaded.error().message);
  mig::CompareOptions compare;
  compare.groups = Named(old.names);
  const auto found = mig::Compare(
      *loaded->store, *old.store, compare, [](const mig::ComparedPartition&) { return Status(); });
  REQUIRE(found);
  CHECK(found->equal == 16);
  CHECK(found->Differing() + found->unreadable == 0);
}

TEST_CASE("ImportZkOffsets sets exactly what we wrote") {
  const OldGroups old;
  const std::string file = (Kafka().folder() / "ours").string();
  std::ofstream(file) << Export(*old.store, old.names);
  const auto before = mig::LoadFileAsStore(file, {});
  REQUIRE(before);
  for (const std::string& name : old.names) {
    const TestGroup group(*old.store, name);
    REQUIRE(group.Commit(Advance({"orders", 10}, 100000)).Ok());
  }
  mig::CompareOptions compare;
  compare.groups = Named(old.names);
  const auto differing = [&] {
    const auto found =
        mig::Compare(*before->store, *old.store, compare, [](const mig::ComparedPartition&) {
          return Status();
        });
    REQUIRE(found);
    CHECK(found->unreadable == 0);
    return found->Differing();
  };
  CHECK(differing() == 2);
  static_cast<void>(
      Kafka().Run("kafka.tools.ImportZkOffsets", "--zkconnect @ZK --input-file " + file));
  CHECK(differing() == 0);
}

}  // namespace offsetstore::testing
