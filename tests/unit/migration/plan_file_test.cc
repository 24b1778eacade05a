// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/plan_file.h"

#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>
#include <vector>

#include "estate.h"
#include "full_disk.h"
#include "line_file.h"

namespace offsetstore::testing {
namespace {

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Lines(const std::string& path) {
  std::istringstream text(Contents(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

void Write(const std::string& path, const std::string& contents) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << contents;
}

TEST_CASE("a line that a full disk cut is completed once there is room, and stands there once") {
  const TempDir dir;
  const std::string path = (dir.path() / "lines").string();
  auto writer = mig::LineWriter::Create(path);
  REQUIRE(writer);
  REQUIRE(writer->Add({{"text", std::string(200, 'x')}}));
  {
    const FullDisk full(100);
    CHECK_FALSE(writer->Sync());
    CHECK_FALSE(writer->Sync());
  }
  REQUIRE(writer->Add({{"number", 2}}));
  REQUIRE(writer->Sync());
  auto reader = mig::LineReader::Open(path);
  REQUIRE(reader);
  for (const char* member : {"text", "number"}) {
    const auto line = reader->Next();
    REQUIRE(line);
    REQUIRE(line->has_value());
    CHECK((*line)->contains(member));
  }
  const auto end = reader->Next();
  REQUIRE(end);
  CHECK_FALSE(end->has_value());
  CHECK_FALSE(reader->torn());
}

mig::GroupPlan OddGroup() {
  Entry entry;
  entry.position = Position(Position::kMax);
  entry.leader_epoch = 7;
  entry.metadata = std::string("\0\xFF\n", 3);
  entry.commit_time = Time(std::chrono::milliseconds(1700000000123));
  entry.writer = "somebody";
  mig::Step step;
  step.from = {"t\xC3\x28:%/ \"", 2147483647};
  step.to = {"", 0};
  step.source = {step.from, entry, {}};
  step.target = {step.to,
                 MakeError(ErrorCode::kCorrupt, "damaged"),
                 ClaimView{{9, Nonce::Random()}, ThisProcess(Owner::Kind::kMember, "c"), true}};
  step.action = mig::Action::kWrite;
  step.position = Position(5);
  step.why = "because";
  step.clamped = true;
  return {std::string("g\0h", 3), "\xFF", {step}, {}};
}

void CheckSameStep(const mig::Step& a, const mig::Step& b) {
  CHECK(a.from == b.from);
  CHECK(a.to == b.to);
  CHECK(a.source.at == b.source.at);
  CHECK(std::get<Entry>(a.source.slot) == std::get<Entry>(b.source.slot));
  CHECK(ToString(std::get<Error>(a.target.slot)) == ToString(std::get<Error>(b.target.slot)));
  CHECK(a.target.claim == b.target.claim);
  CHECK(a.action == b.action);
  CHECK(a.reason == b.reason);
  CHECK(a.why == b.why);
  CHECK(a.position == b.position);
  CHECK(a.clamped == b.clamped);
}

struct Written {
  Estate estate;
  std::string path = estate.Path("odd.plan");
  mig::PlanHeader header = mig::NewPlan(estate.source.Info(), estate.target.Info());

  Written() {
    auto writer = mig::PlanWriter::Create(path, header);
    REQUIRE(writer);
    REQUIRE((*writer)->Add(OddGroup()));
    REQUIRE((*writer)->Add({"unread", "unread", {}, MakeError(ErrorCode::kUnavailable, "away")}));
    REQUIRE((*writer)->Finish());
  }
};

TEST_CASE("a plan comes back from its file as it was") {
  const Written written;
  auto reader = mig::PlanReader::Open(written.path);
  REQUIRE(reader);
  CHECK((*reader)->size().groups == 2);
  CHECK((*reader)->header().id == written.header.id);
  CHECK((*reader)->header().from == written.header.from);
  auto first = (*reader)->Next();
  REQUIRE(first);
  REQUIRE(*first);
  const mig::GroupPlan odd = OddGroup();
  CHECK((*first)->from == odd.from);
  CHECK((*first)->to == odd.to);
  // The claim's nonce is new in each odd group.
  mig::Step step = (*first)->steps.at(0);
  step.target.claim = odd.steps[0].target.claim;
  CheckSameStep(step, odd.steps[0]);
  auto second = (*reader)->Next();
  REQUIRE(second);
  REQUIRE((*second)->error);
  CHECK((*second)->error->code == ErrorCode::kUnavailable);
  auto end = (*reader)->Next();
  REQUIRE(end);
  CHECK_FALSE(*end);
}

TEST_CASE("a plan that was cut anywhere is refused") {
  const Written written;
  const std::string whole = Contents(written.path);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Write(written.path, whole.substr(0, size));
    CAPTURE(size);
    const auto reader = mig::PlanReader::Open(written.path);
    REQUIRE_FALSE(reader);
    CHECK(reader.error().code == ErrorCode::kCorrupt);
    CHECK(reader.error().message.find("line") != std::string::npos);
  }
}

TEST_CASE("a plan with any byte changed is refused") {
  const Written written;
  const std::string whole = Contents(written.path);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    Write(written.path, changed);
    CAPTURE(at);
    CHECK_FALSE(mig::PlanReader::Open(written.path));
  }
}

TEST_CASE("whole lines that are missing, doubled, moved or of another plan are noticed") {
  const Written written;
  std::vector<std::string> lines = Lines(written.path);
  REQUIRE(lines.size() == 4);
  SUBCASE("missing") {
    lines.erase(lines.begin() + 1);
  }
  SUBCASE("one for another") {
    lines[1] = lines[2];
  }
  SUBCASE("moved") {
    std::swap(lines[1], lines[2]);
  }
  SUBCASE("of another plan") {
    const Written other;
    lines[1] = Lines(other.path)[1];
  }
  SUBCASE("under the header of another plan") {
    const Written other;
    lines[0] = Lines(other.path)[0];
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  Write(written.path, text);
  const auto reader = mig::PlanReader::Open(written.path);
  REQUIRE_FALSE(reader);
  CHECK(reader.error().code == ErrorCode::kCorrupt);
  CHECK(reader.error().message.find("make the plan again") != std::string::npos);
}

TEST_CASE("a plan overwrites nothing, and one that is not finished leaves nothing") {
  Estate estate;
  const std::string path = estate.Path("a.plan");
  const mig::PlanHeader header = mig::NewPlan(estate.source.Info(), estate.target.Info());
  {
    const auto writer = mig::PlanWriter::Create(path, header);
    REQUIRE(writer);
  }
  CHECK(std::filesystem::is_empty(estate.dir.path()));
  Write(path, "mine");
  const auto writer = mig::PlanWriter::Create(path, header);
  REQUIRE_FALSE(writer);
  CHECK(writer.error().code == ErrorCode::kInvalidArgument);
  CHECK(Contents(path) == "mine");
}

TEST_CASE("no file, a folder, another kind of file: an error that names it") {
  Estate estate;
  Write(estate.Path("notes"), "hello\n");
  for (const std::string name : {"none", "notes", "."}) {
    const auto reader = mig::PlanReader::Open(estate.Path(name));
    REQUIRE_FALSE(reader);
    CHECK(reader.error().message.find(estate.Path(name)) != std::string::npos);
  }
}

TEST_CASE("a plan for another store is refused, on either side") {
  Estate one;
  Estate::Set(one.source, "a", {"t", 0}, 1);
  const std::string plan = one.PlanFile();
  Estate other;
  other.run_options.journal_path = other.Path("journal");
  const auto totals = other.Apply(plan);
  REQUIRE_FALSE(totals);
  CHECK(totals.error().code == ErrorCode::kInvalidArgument);
  CHECK(totals.error().message.find("another target") != std::string::npos);
}

TEST_CASE("a write without a source of what is written is no plan of ours") {
  const TempDir dir;
  const std::string path = (dir.path() / "plan").string();
  mig::GroupPlan group = OddGroup();
  group.steps.front().source.slot = Absent{};
  const Estate estate;
  auto writer =
      mig::PlanWriter::Create(path, mig::NewPlan(estate.source.Info(), estate.target.Info()));
  REQUIRE(writer);
  REQUIRE((*writer)->Add(group));
  REQUIRE((*writer)->Finish());
  const auto plan = mig::PlanReader::Open(path);
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == ErrorCode::kCorrupt);
  CHECK(plan.error().message.find("line 2") != std::string::npos);
}

}  // namespace
}  // namespace offsetstore::testing
