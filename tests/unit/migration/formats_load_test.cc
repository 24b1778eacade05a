// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fault_store.h"
#include "formats/librdkafka_files.h"
#include "formats_support.h"
#include "offsetstore/migration/export.h"
#include "offsetstore/migration/load.h"
#include "offsetstore/migration/output_file.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

using mig::Format;
using Texts = std::vector<std::string>;

#ifdef __SANITIZE_ADDRESS__
constexpr int kVeryMany = 50'000;  // Instrumented, a row takes some fifty times as long.
#else
constexpr int kVeryMany = 1'000'000;
#endif

Result<mig::Loaded> Load(const std::string& text, const mig::FormatOptions& options = {}) {
  std::istringstream in(text);
  return mig::LoadAsStore(in, options);
}

Texts AllOf(OffsetStore& store) {
  Texts all;
  const auto walked = mig::ForEachGroup(
      store, {}, std::chrono::seconds(10), [&](const std::string& group) -> Status {
        Answers<Read> reads = store.Fetch(group, {}, Soon());
        if (!reads) {
          all.push_back(group + " " + std::string(ToString(reads.error().code)));
          return {};
        }
        for (Read& read : *reads) all.push_back(InShort(mig::Row{group, std::move(read), 0}));
        return {};
      });
  REQUIRE(walked);
  return all;
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string TextOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Group by group, so that a scripted fault meets the first of them.
Written Export(OffsetStore& store, Format format, mig::ExportOptions options = {}) {
  options.parallel = 1;
  Written written;
  auto writer = mig::MakeRowWriter(format, store.Info(), [&](std::string_view piece) {
    written.text += piece;
    return Status();
  });
  REQUIRE(writer);
  REQUIRE(mig::ExportStore(store, options, **writer));
  REQUIRE((*writer)->Finish());
  written.losses = (*writer)->losses();
  return written;
}

Fault Unreadable() {
  Fault fault = FailPartitions(ErrorCode::kCorrupt, {{"t", 0}});
  fault.error.message = "not digits";
  return fault;
}

}  // namespace

TEST_CASE("a topic that could not be read hides no other, and none of its partitions is absent") {
  const Written written = WriteText(
      Format::kJson,
      {RowAt("g", "bad", mig::Row::kWhole, MakeError(ErrorCode::kCorrupt, "the comma dialect")),
       RowAt("g", "bad", 3, At(7)),
       RowAt("g", "orders", 0, At(5))});
  const auto loaded = Load(written.text);
  REQUIRE(loaded);
  OffsetStore& store = *loaded->store;
  CHECK(AllOf(store).size() == 3);
  const std::vector<TopicPartition> named = {{"bad", 3}, {"bad", 4}, {"orders", 0}, {"orders", 1}};
  const auto reads = store.Fetch("g", {named, {}}, Soon());
  REQUIRE(reads);
  CHECK(std::get<Entry>((*reads)[0].slot).position == Position(7));
  REQUIRE(std::holds_alternative<Error>((*reads)[1].slot));
  CHECK(std::get<Error>((*reads)[1].slot).code == ErrorCode::kCorrupt);
  CHECK(std::get<Entry>((*reads)[2].slot).position == Position(5));
  CHECK(std::holds_alternative<Absent>((*reads)[3].slot));
}

TEST_CASE("a file becomes a store, sorted, that shows what the file holds") {
  const auto loaded = Load("h,t,1,6\ng,u,0,-1\ng,t,10,5\ng,t,2,4\n,t,0,3\n");
  REQUIRE(loaded);
  CHECK(AllOf(*loaded->store) ==
        Texts{" t[0] 3", "g t[2] 4", "g t[10] 5", "g u[0] absent", "h t[1] 6"});
  CHECK(loaded->rows == 5);
  CHECK(loaded->positions == 4);
  REQUIRE(loaded->notes.size() == 1);
  CHECK(Contains(loaded->notes[0], "1 of the partitions in the file have no position"));
}

TEST_CASE("named partitions, topics, pages and unknown groups are answered as by any store") {
  const auto loaded = Load("g,t,0,5\ng,u,0,6\nh,t,0,7\n,t,0,1\n");
  REQUIRE(loaded);
  OffsetStore& store = *loaded->store;
  const auto named = store.Fetch("g", {{{"u", 0}, {"t", 9}, {"t", 0}}, {}}, Soon());
  REQUIRE(named);
  REQUIRE(named->size() == 3);
  CHECK(std::get<Entry>((*named)[0].slot).position.value() == 6);
  CHECK(std::holds_alternative<Absent>((*named)[1].slot));
  CHECK(std::get<Entry>((*named)[2].slot).position.value() == 5);
  const auto topic = store.Fetch("g", {{}, {"u"}}, Soon());
  REQUIRE(topic);
  CHECK(topic->size() == 1);
  CHECK(store.Fetch("nobody", {}, Soon())->empty());
  Texts groups;
  PageRequest request{"", 1};
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = store.ListGroups(request, Soon());
    REQUIRE(page);
    groups.insert(groups.end(), page->groups.begin(), page->groups.end());
    if (page->last) break;
    request.after = page->next;
  }
  CHECK(groups == Texts{"", "g", "h"});
  CHECK(store.Fetch("g", {}, Deadline::After(Duration::zero())).error().code ==
        ErrorCode::kDeadlineExceeded);
}

TEST_CASE("nothing can be written to a loaded file") {
  const auto loaded = Load("g,t,0,5\n");
  REQUIRE(loaded);
  OffsetStore& store = *loaded->store;
  const Owner me = ThisProcess(Owner::Kind::kOperator);
  CHECK(store.Commit("g", {}, me, Atomicity::kEach, Soon()).error().code ==
        ErrorCode::kUnsupported);
  CHECK(store.Remove("g", {}, me, Soon()).error().code == ErrorCode::kUnsupported);
  CHECK(store.Claim("g", {}, me, Soon()).error().code == ErrorCode::kUnsupported);
  CHECK(store.Release("g", {}, Soon()).error().code == ErrorCode::kUnsupported);
}

TEST_CASE("a file with an error anywhere gives no store at all") {
  CHECK_FALSE(Load("g,t,0,5\ng,t,1,x\n"));
  CHECK_FALSE(mig::LoadFileAsStore("/nowhere/at/all", {}));
  CHECK(Contains(mig::LoadFileAsStore("/tmp", {}).error().message, "is a folder"));
}

TEST_CASE("the same positions are the same store, others another one") {
  const auto id = [](const std::string& text, const mig::FormatOptions& options = {}) {
    const auto loaded = Load(text, options);
    REQUIRE(loaded);
    return loaded->store->Info().store_id;
  };
  CHECK(id("g,t,0,5\ng,t,1,6\n") == id("g,t,1,6\ng,t,0,5\n"));
  CHECK(id("g,t,0,5\n") == id("t 0 5\n", OfGroup("g")));
  CHECK(id("g,t,0,5\n") != id("g,t,0,6\n"));
  CHECK(id("g,t,0,5\n") != id("gt,t,0,5\n"));
}

TEST_CASE("a store goes through our own format and comes back the same") {
  const auto store = NewMemory();
  Put(*store, "payments", {"orders", 0}, 7, "metadata", 3);
  Put(*store, "payments", {"orders", 10}, 8);
  Put(*store, "a:/b", {"t", 0}, 9223372036854775807);
  Put(*store, "a:/b", {"", 0}, 9);
  const Written json = Export(*store, Format::kJson);
  CHECK_FALSE(json.losses.Incomplete());
  const auto loaded = Load(json.text);
  REQUIRE(loaded);
  CHECK(AllOf(*loaded->store) == AllOf(*store));
  const auto reads = loaded->store->Fetch("payments", {{{"orders", 0}}, {}}, Soon());
  const auto& entry = std::get<Entry>(reads->front().slot);
  const auto originals = store->Fetch("payments", {{{"orders", 0}}, {}}, Soon());
  CHECK(entry == std::get<Entry>(originals->front().slot));
  // A claim of the past holds nothing now.
  CHECK(originals->front().claim.has_value());
  CHECK_FALSE(reads->front().claim.has_value());
}

TEST_CASE("an unreadable partition stays unreadable through export and load, and hides no other") {
  FaultStore store(NewMemory());
  Put(store, "g", {"t", 0}, 1);
  Put(store, "g", {"t", 1}, 2);
  store.Script(FaultStore::Op::kFetch, Unreadable());
  const Written json = Export(store, Format::kJson);
  CHECK(json.losses.unreadable == 1);
  const auto loaded = Load(json.text);
  REQUIRE(loaded);
  CHECK(AllOf(*loaded->store) == Texts{"g t[0] unreadable", "g t[1] 2"});
  REQUIRE(loaded->notes.size() == 1);
  CHECK(Contains(loaded->notes[0], "t[0] of group 'g': Corrupt: not digits"));
  store.Script(FaultStore::Op::kFetch, Unreadable());
  const Written csv = Export(store, Format::kKafkaCsv);
  CHECK(csv.text == "t,1,2\n");
  CHECK(csv.losses.Incomplete());
}

TEST_CASE("a group that cannot be read stops no other, and stays so when it is loaded") {
  FaultStore store(NewMemory());
  Put(store, "g", {"t", 0}, 1);
  Put(store, "h", {"t", 0}, 2);
  store.Script(FaultStore::Op::kFetch, FailCall(ErrorCode::kUnavailable));
  const Written json = Export(store, Format::kJson);
  CHECK(json.losses.unreadable == 1);
  const auto loaded = Load(json.text);
  REQUIRE(loaded);
  CHECK(AllOf(*loaded->store) == Texts{"g Unavailable", "h t[0] 2"});
  store.Script(FaultStore::Op::kFetch, FailCall(ErrorCode::kUnavailable));
  const Written zk = Export(store, Format::kZk);
  CHECK(zk.text == "/consumers/h/offsets/t/0:2\n");
  CHECK(Contains(zk.losses.an_unreadable, "group 'g': Unavailable"));
}

TEST_CASE("only chosen groups and topics are exported") {
  const auto store = NewMemory();
  Put(*store, "payments", {"orders", 0}, 1);
  Put(*store, "payments", {"test", 0}, 2);
  Put(*store, "billing", {"orders", 0}, 3);
  mig::ExportOptions options;
  options.groups = *mig::Filter::Make(Texts{"pay.*"}, {});
  options.topics = *mig::Filter::Make({}, Texts{"test"});
  CHECK(Export(*store, Format::kKafkaCsv, options).text == "orders,0,1\n");
}

TEST_CASE("names of librdkafka's offset files are read in every way they can be") {
  const auto readings = [](const std::string& name) {
    Texts all;
    for (const mig::OffsetFileName& reading : mig::ReadingsOf(name)) {
      all.push_back(ToString(reading.at) + " " + reading.group.value_or("-"));
    }
    return all;
  };
  CHECK(readings("orders-7.offset") == Texts{"orders[7] -"});
  CHECK(readings("orders-7-payments.offset") == Texts{"orders[7] payments"});
  CHECK(readings("orders-7-a%2Fb%3Ac%5Cd%25.offset") == Texts{"orders[7] a/b:c\\d%25"});
  CHECK(readings("my-orders-7-payments-eu.offset") == Texts{"my-orders[7] payments-eu"});
  CHECK(readings("a-1-2.offset") == Texts{"a[1] 2", "a-1[2] -"});
  CHECK(readings("orders-7-.offset") == Texts{"orders[7] "});
  for (const char* none : {"orders.offset",
                           "orders-x.offset",
                           "orders-07.offset",
                           "orders-7",
                           "",
                           "-7.offset",
                           "a b-7.offset",
                           "orders-2147483648.offset"}) {
    CAPTURE(none);
    CHECK(readings(none).empty());
  }
}

TEST_CASE("what is in an offset file is a position, absent, or unreadable") {
  CHECK(std::get<Entry>(mig::SlotOfOffsetFile("42\n")).position.value() == 42);
  CHECK(std::get<Entry>(mig::SlotOfOffsetFile("42")).position.value() == 42);
  CHECK(std::holds_alternative<Absent>(mig::SlotOfOffsetFile("")));
  CHECK(std::holds_alternative<Absent>(mig::SlotOfOffsetFile("-1\n")));
  for (const char* junk : {"\n", "x", "4 2\n", "-1001\n", "42\n\n", "99999999999999999999\n"}) {
    CAPTURE(junk);
    const Slot slot = mig::SlotOfOffsetFile(junk);
    REQUIRE(std::holds_alternative<Error>(slot));
    CHECK(std::get<Error>(slot).code == ErrorCode::kCorrupt);
  }
}

TEST_CASE("a folder of librdkafka's offset files becomes a store") {
  const TempDir dir;
  const std::string folder = dir.path().string();
  WriteFile(folder + "/orders-0-payments.offset", "5\n");
  WriteFile(folder + "/orders-10-payments.offset", "6\n");
  WriteFile(folder + "/orders-1-payments.offset", "junk");
  WriteFile(folder + "/orders-0-billing.offset", "7\n");
  WriteFile(folder + "/readme.txt", "not one");
  const auto all = mig::LoadLibrdkafkaFiles(folder, {});
  REQUIRE_MESSAGE(all, all.error().message);
  CHECK(AllOf(*all->store) == Texts{"billing orders[0] 7",
                                    "payments orders[0] 5",
                                    "payments orders[1] unreadable",
                                    "payments orders[10] 6"});
  const auto one = mig::LoadLibrdkafkaFiles(folder, OfGroup("billing"));
  REQUIRE(one);
  CHECK(AllOf(*one->store) == Texts{"billing orders[0] 7"});
  REQUIRE(one->notes.size() == 1);
  CHECK(one->notes[0] == "3 files are of other groups");
  CHECK(Contains(mig::LoadLibrdkafkaFiles(folder, OfGroup("x")).error().message, "of that group"));
}

TEST_CASE("an offset file whose name can mean two things, or names no group, is not guessed at") {
  const TempDir dir;
  const std::string folder = dir.path().string();
  const auto why = [&](const mig::FormatOptions& options = {}) {
    const auto loaded = mig::LoadLibrdkafkaFiles(folder, options);
    return loaded ? AllOf(*loaded->store).front() : loaded.error().message;
  };
  CHECK(Contains(why(), "has no offset files"));
  CHECK(Contains(mig::LoadLibrdkafkaFiles(folder + "/none", {}).error().message, "as a folder"));
  WriteFile(folder + "/orders-7.offset", "5\n");
  CHECK(Contains(why(), "it names no group"));
  CHECK(why(OfGroup("g")) == "g orders[7] 5");
  WriteFile(folder + "/orders-7-g.offset", "5\n");
  CHECK(Contains(why(OfGroup("g")), "is in 'orders-7-g.offset' already"));
  std::filesystem::remove(folder + "/orders-7-g.offset");
  std::filesystem::rename(folder + "/orders-7.offset", folder + "/a-1-2.offset");
  CHECK(Contains(why(), "a[1] of group '2', or a-1[2] without a group"));
  CHECK(Contains(why(OfGroup("g")), "more than one way"));
  CHECK(why(OfGroup("2")) == "2 a[1] 5");
  std::filesystem::rename(folder + "/a-1-2.offset", folder + "/x.offset");
  CHECK(Contains(why(), "the name is not TOPIC-PARTITION[-GROUP].offset"));
}

TEST_CASE("an output file has its name once it is whole, and replaces what was there") {
  const TempDir dir;
  const std::string path = (dir.path() / "out.csv").string();
  WriteFile(path, "before");
  {
    auto file = mig::OutputFile::Create(path);
    REQUIRE(file);
    REQUIRE(file->Write("half"));
    CHECK(TextOf(path) == "before");
  }
  CHECK(TextOf(path) == "before");
  const auto names = [&] {
    return std::distance(std::filesystem::directory_iterator(dir.path()), {});
  };
  CHECK(names() == 1);
  {
    auto file = mig::OutputFile::Create(path);
    REQUIRE(file);
    REQUIRE(file->Write("whole"));
    REQUIRE(file->Finish());
  }
  CHECK(TextOf(path) == "whole");
  // What a killed process of the same number left is no hindrance.
  WriteFile(path + ".draft-" + std::to_string(::getpid()), "left over");
  {
    auto file = mig::OutputFile::Create(path);
    REQUIRE_MESSAGE(file, file.error().message);
    REQUIRE(file->Write("again"));
    REQUIRE(file->Finish());
  }
  CHECK(TextOf(path) == "again");
  CHECK(names() == 1);
  CHECK(Contains(mig::OutputFile::Create("/dev/null").error().message, "is no file"));
  CHECK(Contains(mig::OutputFile::Create((dir.path() / "no" / "x").string()).error().message,
                 "cannot be written"));
}

TEST_CASE("very many rows are read and found again") {
  std::string text;
  for (int i = 0; i < kVeryMany; ++i) {
    text += "group-" + std::to_string(i / 100) + ",orders," + std::to_string(i % 100) + "," +
            std::to_string(i) + "\n";
  }
  const auto loaded = Load(text);
  REQUIRE(loaded);
  CHECK(loaded->rows == kVeryMany);
  const auto read = loaded->store->Fetch(
      "group-" + std::to_string(kVeryMany / 100 - 1), {{{"orders", 99}}, {}}, Soon());
  REQUIRE(read);
  CHECK(std::get<Entry>(read->front().slot).position.value() == kVeryMany - 1);
}

}  // namespace offsetstore::testing
