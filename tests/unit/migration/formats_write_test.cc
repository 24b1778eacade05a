// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "formats_support.h"

namespace offsetstore::testing {
namespace {

using mig::Format;
using mig::Row;

Entry Rich() {
  Entry entry = At(7);
  entry.leader_epoch = 3;
  entry.metadata = std::string("\x00\xff m", 4);
  entry.topic_id = "AAAA";
  entry.cluster_id = "BBBB";
  entry.commit_time = Time(std::chrono::milliseconds(1700000000000));
  entry.writer = "member x";
  return entry;
}

ClaimView SomeClaim() {
  ClaimView claim;
  claim.token = {5, Nonce::Random()};
  claim.owner = ThisProcess(Owner::Kind::kMember, "payments-1");
  return claim;
}

}  // namespace

TEST_CASE(
    "our own format keeps everything apart: absent, unreadable, metadata, claims, odd names") {
  std::vector<Row> rows = {
      RowAt("", "orders", 0, At(0)),
      RowAt("g", "orders", 0, Absent{}),
      RowAt("g", "orders", 1, Rich()),
      RowAt("g", "orders", 2147483647, MakeError(ErrorCode::kCorrupt, "not digits: 'x'")),
      RowAt("g:/%\n,\"", "t", 0, At(9223372036854775807)),
      RowAt("h\xff", "", Row::kWhole, MakeError(ErrorCode::kUnavailable, "no answer")),
      RowAt("i", "one", Row::kWhole, MakeError(ErrorCode::kCorrupt, "the comma dialect")),
      RowAt("i", "two", Row::kWhole, MakeError(ErrorCode::kCorrupt, "the comma dialect")),
  };
  rows[1].read.claim = SomeClaim();
  rows[2].read.claim = SomeClaim();
  const Written written = WriteText(Format::kJson, rows);
  const ReadBack read = ReadText(written.text);
  REQUIRE_MESSAGE(read.summary, read.Why());
  REQUIRE(read.rows.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    CHECK(read.rows[i].group == rows[i].group);
    CHECK(read.rows[i].read.at == rows[i].read.at);
    REQUIRE(read.rows[i].read.slot.index() == rows[i].read.slot.index());
    CHECK(read.rows[i].read.claim == rows[i].read.claim);
    if (const auto* entry = std::get_if<Entry>(&rows[i].read.slot)) {
      CHECK(std::get<Entry>(read.rows[i].read.slot) == *entry);
    }
    if (const auto* error = std::get_if<Error>(&rows[i].read.slot)) {
      CHECK(std::get<Error>(read.rows[i].read.slot).code == error->code);
      CHECK(std::get<Error>(read.rows[i].read.slot).message == error->message);
    }
  }
  CHECK(written.losses.unreadable == 4);
  CHECK(written.losses.Incomplete());
}

TEST_CASE("a Kafka CSV has three columns for one group and four for several") {
  const std::vector<Row> one = {RowAt("g", "orders", 0, At(5)), RowAt("g", "orders", 10, At(6))};
  CHECK(WriteText(Format::kKafkaCsv, one).text == "orders,0,5\norders,10,6\n");
  std::vector<Row> two = one;
  two.push_back(RowAt("h", "orders", 0, At(7)));
  CHECK(WriteText(Format::kKafkaCsv, two).text == "g,orders,0,5\ng,orders,10,6\nh,orders,0,7\n");
  CHECK(WriteText(Format::kKafkaCsv, {}).text.empty());
}

TEST_CASE("a Kafka CSV quotes what Kafka's own tool quotes, and no more") {
  const auto field = [](const std::string& group) {
    const std::string text =
        WriteText(Format::kKafkaCsv, {RowAt("", "t", 0, At(1)), RowAt(group, "t", 0, At(1))}).text;
    const std::string rest = text.substr(text.find('\n') + 1);
    return rest.substr(0, rest.size() - std::string(",t,0,1\n").size());
  };
  CHECK(field("pay-ments._/:;") == "pay-ments._/:;");
  CHECK(field("a,b") == "\"a,b\"");
  CHECK(field("a b") == "\"a b\"");
  CHECK(field("a+b") == "\"a+b\"");
  CHECK(field("a\"b") == "\"a\"\"b\"");
  CHECK(field(std::string(24, 'x')) == std::string(24, 'x'));
  CHECK(field(std::string(25, 'x')) == '"' + std::string(25, 'x') + '"');
  // Java counts UTF-16 units: 12 of two bytes are 12, 13 of four bytes are 26.
  std::string twelve;
  std::string thirteen;
  for (int i = 0; i < 12; ++i) twelve += "\xc3\xa9";
  for (int i = 0; i < 13; ++i) thirteen += "\xf0\x9f\x98\x80";
  CHECK(field(twelve) == twelve);
  CHECK(field(thirteen) == '"' + thirteen + '"');
}

TEST_CASE("lines of ExportZkOffsets, odd names as our ZooKeeper store keeps them") {
  const Written written = WriteText(Format::kZk,
                                    {RowAt("a:b", "orders", 0, At(4)),
                                     RowAt("g", "orders", 0, At(5)),
                                     RowAt("g", "orders", 10, At(6))});
  CHECK(written.text ==
        "/consumers/a%3Ab/offsets/orders/0:4\n"
        "/consumers/g/offsets/orders/0:5\n"
        "/consumers/g/offsets/orders/10:6\n");
  CHECK(written.losses.foreign == 1);
  CHECK(InShort(ReadText(written.text).rows)[0] == "a:b orders[0] 4");
}

TEST_CASE("what a format cannot hold is left out, counted and said") {
  std::vector<Row> rows = {
      RowAt("g", "orders", 0, Rich()),
      RowAt("g", "orders", 1, Absent{}),
      RowAt("g", "orders", 2, MakeError(ErrorCode::kCorrupt, "not digits: 'x'")),
      RowAt("g\n", "orders", 0, At(1)),
      RowAt("g\xff", "orders", 0, At(1)),
      RowAt("h", "", Row::kWhole, MakeError(ErrorCode::kUnavailable, "no answer")),
      RowAt("h", "", 0, At(1)),
  };
  rows[0].read.claim = SomeClaim();
  rows[3].read.claim = SomeClaim();
  rows[3].read.claim->released = true;  // of which nothing is lost
  for (const Format format : {Format::kKafkaCsv, Format::kZk}) {
    const bool csv = format == Format::kKafkaCsv;
    const Written written = WriteText(format, rows);
    CAPTURE(written.text);
    const mig::Losses& lost = written.losses;
    CHECK(lost.written == (csv ? 1 : 4));
    CHECK(lost.absent == 1);
    CHECK(lost.unreadable == 2);
    CHECK(lost.names == (csv ? 3 : 0));
    CHECK(lost.foreign == (csv ? 0 : 3));
    CHECK(lost.metadata == 1);
    CHECK(lost.leader_epoch == 1);
    CHECK(lost.claims == 1);
    CHECK(lost.ids == 1);
    CHECK(lost.Incomplete());
    std::string said;
    for (const std::string& line : mig::Explain(lost, format)) said += line + "\n";
    CHECK(Contains(said, "orders[2] of group 'g': Corrupt: not digits: 'x'"));
    CHECK(Contains(said, "metadata of 1 partition, leader epoch of 1 partition"));
    CHECK(Contains(said, "1 partition without a position"));
    CHECK(Contains(said, "group 'g\\x0a'"));
  }
  CHECK(mig::Explain({}, Format::kZk).empty());
}

TEST_CASE("a sink that takes no more ends the writing with its error") {
  for (const Format format : {Format::kJson, Format::kKafkaCsv, Format::kZk}) {
    auto writer = mig::MakeRowWriter(format, {}, [](std::string_view) -> Status {
      return MakeError(ErrorCode::kUnavailable, "the disk is full");
    });
    REQUIRE(writer);
    Status status;
    for (int i = 0; status && i < 10000; ++i) {
      status = (*writer)->Add(RowAt("g" + std::to_string(i), "orders", 0, At(i)));
    }
    REQUIRE_FALSE(status);
    CHECK(status.error().message == "the disk is full");
  }
}

TEST_CASE("formats that are only read are refused") {
  for (const Format format : {Format::kYelp, Format::kRpk, Format::kKcl}) {
    const auto writer = mig::MakeRowWriter(format, {}, [](std::string_view) { return Status(); });
    REQUIRE_FALSE(writer);
    CHECK(writer.error().code == ErrorCode::kUnsupported);
  }
}

}  // namespace offsetstore::testing
