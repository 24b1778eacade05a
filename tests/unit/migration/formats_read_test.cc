// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "formats_support.h"

namespace offsetstore::testing {
namespace {

using Shorts = std::vector<std::string>;
using mig::Format;

/// One file per format, small and whole.
struct Sample {
  Format format;
  std::string text;
  std::optional<std::string> group;
  Shorts rows;
};

std::vector<Sample> Samples() {
  const Shorts two = {"g orders[0] 5", "g orders[10] 9223372036854775807"};
  return {
      {Format::kKafkaCsv, "g,orders,0,5\ng,orders,10,9223372036854775807\n", {}, two},
      {Format::kKafkaCsv, "orders,0,5\norders,10,9223372036854775807\n", "g", two},
      {Format::kZk,
       "/consumers/g/offsets/orders/0:5\n/consumers/g/offsets/orders/10:9223372036854775807\n",
       {},
       two},
      {Format::kRpk, "orders 0 5\norders\t10  9223372036854775807\n", "g", two},
      {Format::kYelp,
       "{\"groupid\": \"g\", \"offsets\": {\"orders\": {\"0\": 5, \"10\": "
       "9223372036854775807}}}",
       {},
       two},
      {Format::kKcl,
       "[{\"topic\": \"orders\", \"partition\": 0, \"offset\": 5},\n"
       " {\"offset\": 9223372036854775807, \"partition\": 10, \"topic\": \"orders\"}]",
       "g",
       two},
      {Format::kJson,
       "{\"format\":\"offsetstore-positions\",\"version\":1}\n"
       "{\"group\":\"g\",\"topic\":\"orders\",\"partition\":0,\"state\":\"stored\",\"position\":5}"
       "\n"
       "{\"group\":\"g\",\"topic\":\"orders\",\"partition\":10,\"state\":\"stored\",\"position\":"
       "9223372036854775807}\n"
       "{\"end\":true,\"rows\":2}\n",
       {},
       two},
  };
}

}  // namespace

TEST_CASE("each format is recognised and read") {
  for (const Sample& sample : Samples()) {
    CAPTURE(sample.text);
    const ReadBack read = ReadText(sample.text, {"", {}, sample.group});
    REQUIRE_MESSAGE(read.summary, read.Why());
    CHECK(read.summary->format == sample.format);
    CHECK(read.summary->rows == sample.rows.size());
    CHECK(InShort(read.rows) == sample.rows);
  }
}

TEST_CASE("every truncation of every format is an error, or fewer rows, and never a wrong one") {
  for (const Sample& sample : Samples()) {
    for (std::size_t length = 0; length < sample.text.size(); ++length) {
      const std::string cut = sample.text.substr(0, length);
      CAPTURE(cut);
      const ReadBack read = ReadText(cut, {"", sample.format, sample.group});
      const Shorts rows = InShort(read.rows);
      const bool json = sample.format == Format::kJson || sample.format == Format::kYelp ||
                        sample.format == Format::kKcl;
      // Without its last line end, our own is whole.
      if (json && length + 1 < sample.text.size()) CHECK_FALSE(read.summary);
      if (length == 0) CHECK_FALSE(read.summary);
      REQUIRE(rows.size() <= sample.rows.size());
      // A cut within the last number of a text cannot be seen; all before it is right.
      for (std::size_t i = 0; i + 1 < rows.size(); ++i) CHECK(rows[i] == sample.rows[i]);
    }
  }
}

TEST_CASE("junk in any place of any format crashes nothing") {
  for (const Sample& sample : Samples()) {
    for (std::size_t at = 0; at < sample.text.size(); ++at) {
      for (const char junk : {'\0', '\xff', '"', '{', ']', ':', ',', '\n', ' ', '9', '-', '%'}) {
        std::string text = sample.text;
        text[at] = junk;
        const ReadBack read = ReadText(text, {"", {}, sample.group});
        if (!read.summary) CHECK_FALSE(read.Why().empty());
        CHECK(read.rows.size() <= sample.rows.size() + 1);
      }
    }
  }
}

TEST_CASE("-1 is absent, every other number below 0 is refused") {
  CHECK(InShort(ReadText("g,t,0,-1\n").rows) == Shorts{"g t[0] absent"});
  CHECK(InShort(ReadText("/consumers/g/offsets/t/0:-1\n").rows) == Shorts{"g t[0] absent"});
  CHECK(InShort(ReadText("t 0 -1\n", OfGroup("g")).rows) == Shorts{"g t[0] absent"});
  CHECK(InShort(ReadText(R"({"groupid":"g","offsets":{"t":{"0":-1}}})").rows) ==
        Shorts{"g t[0] absent"});
  CHECK(InShort(ReadText(R"([{"topic":"t","partition":0,"offset":-1}])", OfGroup("g")).rows) ==
        Shorts{"g t[0] absent"});
  CHECK(Contains(ReadText("g,t,0,-2\n").Why(), "offset -2 is no position"));
  CHECK(Contains(ReadText(R"({"groupid":"g","offsets":{"t":{"0":-1001}}})").Why(),
                 "offset -1001 is no position"));
}

TEST_CASE("what is wrong is named with its line") {
  const auto why = [](const std::string& text, std::optional<std::string> group = {}) {
    return ReadText(text, {"", {}, std::move(group)}).Why();
  };
  CHECK(why("g,t,0,5\ng,t,1,x\n") ==
        "standard input, line 2: offset: 'x' is not a whole number: write digits only (no 1e3, no "
        "point, no 0x)");
  CHECK(Contains(why("g,t,0,5\ng,t,1,9223372036854775808\n"), "line 2: offset: "));
  CHECK(Contains(why("g,t,0,5\ng,t,1,9223372036854775808\n"), "does not fit 64 bits"));
  CHECK(Contains(why("g,t,2147483648,5\n"), "line 1: partition 2147483648 is not 0 to"));
  CHECK(Contains(why("g,t,-1,5\n"), "line 1: partition -1 is not 0 to"));
  CHECK(Contains(why("g,t,0,5\n\ng,t,1,6\n"), "line 2: it is empty"));
  CHECK(Contains(why("g,t,0,5\ng,t,1\n"), "line 2: it has 3 fields"));
  CHECK(Contains(why("g, t,0,5\n"), "line 1: there are blanks around ' t'"));
  CHECK(Contains(why("g,t,0,5 \n"), "blanks around '5 '"));
  CHECK(Contains(ReadText("g,\"t,0,5\n", As(Format::kKafkaCsv)).Why(), "a quote is not closed"));
  CHECK(Contains(why("g,,0,5\n"), "line 1: the topic is empty"));
  CHECK(Contains(why("/consumers/g/offsets/t/0:5\n/kafka/consumers/g/offsets/t/0:5\n"),
                 "line 2: '/kafka/consumers/g/offsets/t/0' is not"));
  CHECK(Contains(why("/consumers/g/offsets/t/1:5\n/consumers/g/offsets/t/0-3:5\n"),
                 "Kafka 0.7, whose offsets count bytes"));
  CHECK(Contains(why("t 0 5\nt 1\n", "g"), "line 2: it has 2 fields"));
  CHECK(Contains(why("{\"groupid\":\"g\",\n\"offsets\":{\"t\":{\n\"0\":5,\n\"1\":6.5}}}"),
                 "line 4: '6.5' is no whole number"));
  CHECK(
      Contains(why("{\"groupid\":\"g\",\"offsets\":{\"t\":{\"0\":5,\n\"1\":-2\n}}}"), "line 2: "));
  CHECK(Contains(why("{\"groupid\":\"g\",\"offsets\":{\"t\":{\"x\":5}}}"), "partition: 'x'"));
  CHECK(Contains(why("{\"groupid\":\"g\",\"offsets\":{\"t\":{\"0\":18446744073709551616}}}"),
                 "fits 64 bits"));
  CHECK(Contains(why("{\"groupid\":\"g\",\"offsets\":{\"t\":{\"0\":9223372036854775808}}}"),
                 "does not fit 64 bits"));
  CHECK(Contains(why("{\"offsets\":{\"t\":{\"0\":5}}}"), "\"groupid\" is missing"));
  CHECK(Contains(why("{\"groupid\":\"g\"}"), "\"offsets\" is missing"));
  CHECK(Contains(why("[{\"topic\":\"t\",\"partition\":0}]", "g"), "an element needs"));
  CHECK(Contains(why("[{\"topic\":\"t\",\"partition\":0,\"offset\":1,\"x\":2}]", "g"),
                 "the number 2 does not belong there"));
  CHECK(Contains(why("[[[[", "g"), "line 1: "));
}

TEST_CASE("an empty file, UTF-16 and a format that cannot be told say what to do") {
  CHECK(ReadText("").Why() == "standard input: it is empty");
  CHECK(ReadText("\xef\xbb\xbf").Why() == "standard input: it is empty");
  CHECK(Contains(ReadText("\xff\xfeg").Why(), "it is UTF-16: save it as UTF-8"));
  CHECK(Contains(ReadText("hello\n").Why(), "json, kafka-csv, zk"));
  // Whole by either way to read it.
  CHECK(Contains(ReadText("x,a 1 2,3,4\n").Why(), "--from FORMAT"));
  CHECK(ReadText("x,y z,0,1\n", {"dump.csv", {}, {}}).Why().empty());
  CHECK(Contains(ReadText("x\n", {"dump.csv", {}, {}}).Why(), "'dump.csv', line 1: "));
}

TEST_CASE("a byte order mark, CRLF, empty lines at the end and a missing last line end are taken") {
  const Shorts two = {"g t[0] 5", "g t[1] 6"};
  CHECK(InShort(ReadText("\xef\xbb\xbfg,t,0,5\r\ng,t,1,6\r\n").rows) == two);
  // As kafka-consumer-groups prints it.
  CHECK(InShort(ReadText("g,t,0,5\ng,t,1,6\n\n").rows) == two);
  CHECK(InShort(ReadText("g,t,0,5\ng,t,1,6").rows) == two);
  CHECK(InShort(ReadText("TOPIC PARTITION OFFSET\nt 0 5\nt 1 6\n", OfGroup("g")).rows) == two);
}

TEST_CASE("a partition that stands there twice is refused, and both lines are named") {
  const auto expect = [](const ReadBack& read, const std::string& lines) {
    REQUIRE_FALSE(read.summary);
    CHECK_MESSAGE(Contains(read.Why(), lines), read.Why());
    CHECK(Contains(read.Why(), "t[0] of group 'g' stands in line"));
  };
  expect(ReadText("g,t,0,5\ng,t,1,5\ng,t,0,5\n"), "line 3: t[0] of group 'g' stands in line 1");
  expect(ReadText("/consumers/g/offsets/t/0:5\n/consumers/g/offsets/t/0:6\n"), "line 2: ");
  expect(ReadText("{\"groupid\":\"g\",\"offsets\":{\"t\":{\n\"0\":1,\n\"0\":1}}}"),
         "line 3: t[0] of group 'g' stands in line 2");
  // The same partition of another group, or another topic, is another one.
  CHECK(ReadText("g,t,0,5\nh,t,0,5\ng,u,0,5\n").summary);
}

TEST_CASE("a group is asked for where the file has none, and refused where it has") {
  CHECK(Contains(ReadText("t,0,5\n").Why(), "say which one"));
  CHECK(Contains(ReadText("t 0 5\n").Why(), "say which one"));
  CHECK(Contains(ReadText(R"([{"topic":"t","partition":0,"offset":1}])").Why(), "--file-group"));
  CHECK(Contains(ReadText("g,t,0,5\n", OfGroup("h")).Why(), "leave out --file-group"));
  CHECK(Contains(ReadText(R"({"groupid":"g","offsets":{}})", OfGroup("h")).Why(), "leave out"));
  // The empty name is a name.
  CHECK(InShort(ReadText("t,0,5\n", OfGroup("")).rows) == Shorts{" t[0] 5"});
  CHECK(InShort(ReadText(",t,0,5\n").rows) == Shorts{" t[0] 5"});
}

TEST_CASE("quoted names come whole") {
  CHECK(InShort(ReadText("\"pay, \"\"all\"\" \",t,0,5\n").rows) == Shorts{"pay, \"all\"  t[0] 5"});
}

TEST_CASE("nodes are read as our ZooKeeper store names them, and as they are where it does not") {
  CHECK(InShort(ReadText("/consumers/a%2Fb/offsets/t/0:5\n").rows) == Shorts{"a/b t[0] 5"});
  CHECK(InShort(ReadText("/consumers/a%zz/offsets/t/0:5\n").rows) == Shorts{"a%zz t[0] 5"});
  CHECK(InShort(ReadText("/consumers/a,b/offsets/t/0:5\n").rows) == Shorts{"a,b t[0] 5"});
}

TEST_CASE("positions of 0 that kafka-consumer-manager may have made up are noted") {
  const ReadBack read = ReadText(R"({"groupid":"g","offsets":{"t":{"0":0,"1":5}}})");
  REQUIRE(read.summary);
  REQUIRE(read.summary->notes.size() == 1);
  CHECK(Contains(read.summary->notes[0], "1 positions are 0"));
  // Its members may come in any order.
  CHECK(InShort(ReadText(R"({"offsets":{"t":{"0":7}},"groupid":"g"})").rows) == Shorts{"g t[0] 7"});
}

TEST_CASE(
    "our own format is refused where lines were taken out, and where it is of a newer version") {
  const std::string header = "{\"format\":\"offsetstore-positions\",\"version\":1}\n";
  CHECK(Contains(ReadText(header).Why(), "it was cut: after 0 rows"));
  CHECK(Contains(ReadText(header + "{\"end\":true,\"rows\":1}\n").Why(),
                 "line 2: it counts 1 rows, but 0 stand before it"));
  CHECK(Contains(ReadText(header + "{\"end\":true,\"rows\":0}\n{}\n").Why(), "line 3: "));
  CHECK(ReadText(header + "{\"end\":true,\"rows\":0}\n").summary);
  const ReadBack newer = ReadText("{\"format\":\"offsetstore-positions\",\"version\":2}\n");
  REQUIRE_FALSE(newer.summary);
  CHECK(newer.summary.error().code == ErrorCode::kUnsupported);
  CHECK(Contains(newer.Why(), "line 1: it is of version 2"));
  CHECK(Contains(ReadText(header + "{\"group\":\"g\",\"topic\":\"t\",\"partition\":0,\"state\":"
                                   "\"stored\",\"position\":-1}\n")
                     .Why(),
                 "line 2: 'position' is not a whole number from 0"));
  CHECK(Contains(ReadText("{\n \"format\": \"offsetstore-positions\",\n \"version\": 1\n}\n").Why(),
                 "line 1: is not JSON: "));
  CHECK(Contains(ReadText("{\n \"format\": \"offsetstore-positions\",\n}\n").Why(),
                 "jq -c keeps it so"));
  CHECK(Contains(ReadText(header + "[1]\n").Why(), "line 2: it is no JSON object"));
}

TEST_CASE("a line without end is refused before it fills the memory") {
  const std::string text = "g,t,0," + std::string(std::size_t{5} << 20U, '1');
  CHECK(Contains(ReadText(text, As(Format::kKafkaCsv)).Why(), "longer than 4 MiB"));
  CHECK(Contains(ReadText(std::string(100000, '['), {"", Format::kKcl, "g"}).Why(), "line 1"));
}

TEST_CASE("the names of the formats are known, and listed where one is not") {
  for (const Sample& sample : Samples()) {
    const auto format = mig::FormatOf(mig::ToString(sample.format));
    REQUIRE(format);
    CHECK(*format == sample.format);
  }
  CHECK(Contains(mig::FormatOf("xml").error().message, "json, kafka-csv, zk"));
}

}  // namespace offsetstore::testing
