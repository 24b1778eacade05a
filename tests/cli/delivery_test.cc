// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "delivery.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_record.h"
#include "files.h"
#include "temp_dir.h"

namespace offsetstore::cli {
namespace {

/// A sink that takes bytes only when told to.
struct SlowSink final : Sink {
  std::string put;
  std::uint64_t safe = 0;
  bool broken = false;
  Status Put(std::string_view bytes) override {
    if (broken) return MakeError(ErrorCode::kUnavailable, "full");
    put += bytes;
    return {};
  }
  std::uint64_t Taken() override { return safe; }
  Status Settle(Deadline /*deadline*/) override {
    safe = put.size();
    return {};
  }
};

std::unique_ptr<Record> Of(const std::string& value, int& done) {
  auto record = std::make_unique<testing::FakeRecord>();
  record->value_bytes = value;
  record->done_count = &done;
  return record;
}

RecordFormat Format(std::string_view text = RecordFormat::kDefault) {
  return *RecordFormat::Parse(text);
}

TEST_CASE("a record is done only when all its bytes are safe") {
  SlowSink sink;
  Delivery delivery(Format(), sink);
  int done = 0;
  REQUIRE(delivery.Take(Of("one", done)));
  REQUIRE(delivery.Take(Of("two", done)));
  CHECK(sink.put.empty());
  REQUIRE(delivery.Flush());
  CHECK(sink.put == "one\ntwo\n");
  CHECK(done == 0);
  sink.safe = 7;
  delivery.Acknowledge();
  CHECK(done == 1);
  sink.safe = 8;
  delivery.Acknowledge();
  CHECK(done == 2);
}

TEST_CASE("a large batch is written without being asked to") {
  SlowSink sink;
  Delivery delivery(Format(), sink);
  int done = 0;
  REQUIRE(delivery.Take(Of(std::string(300000, 'x'), done)));
  CHECK(sink.put.size() == 300001);
  CHECK_FALSE(delivery.HasBatch());
}

TEST_CASE("what could not be written is never done") {
  SlowSink sink;
  sink.broken = true;
  Delivery delivery(Format(), sink);
  int done = 0;
  REQUIRE(delivery.Take(Of("one", done)));
  CHECK_FALSE(delivery.Settle(Deadline::After(Duration(10))));
  delivery.Abandon();
  CHECK(done == 0);
}

TEST_CASE("a record that prints nothing is done with what was before it") {
  SlowSink sink;
  Delivery delivery(Format("%k"), sink);
  int done = 0;
  REQUIRE(delivery.Take(Of("no key", done)));
  REQUIRE(delivery.Settle(Deadline::After(Duration(10))));
  CHECK(done == 1);
}

TEST_CASE("a file is appended to, and a torn record is closed off first") {
  const testing::TempDir folder;
  const auto file = folder / "records";
  testing::WriteFile(file, "whole\nto");
  const auto sink = AppendTo(file, "\n");
  REQUIRE(sink);
  CHECK((*sink)->Taken() == 0);
  REQUIRE((*sink)->Put("next\n"));
  CHECK((*sink)->Taken() == 5);
  CHECK(testing::ReadFile(file) == "whole\nto\nnext\n");
}

TEST_CASE("a file of whole records, or none, stays as it is") {
  const testing::TempDir folder;
  testing::WriteFile(folder / "whole", "one\n");
  REQUIRE(AppendTo(folder / "whole", "\n"));
  CHECK(testing::ReadFile(folder / "whole") == "one\n");
  REQUIRE(AppendTo(folder / "new", "\n"));
  CHECK(testing::ReadFile(folder / "new").empty());
  testing::WriteFile(folder / "free", "no ending is known");
  REQUIRE(AppendTo(folder / "free", ""));
  CHECK(testing::ReadFile(folder / "free") == "no ending is known");
}

TEST_CASE("what is no regular file, or is written by another process, is refused") {
  const testing::TempDir folder;
  CHECK(AppendTo(folder.path(), "\n").error().code == ErrorCode::kInvalidArgument);
  CHECK(AppendTo("/dev/null", "\n").error().code == ErrorCode::kInvalidArgument);
  CHECK_FALSE(AppendTo(folder / "missing" / "file", "\n"));
  const int other = ::open((folder / "held").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(::flock(other, LOCK_EX) == 0);
  CHECK(AppendTo(folder / "held", "\n").error().code == ErrorCode::kInvalidArgument);
  ::close(other);
}

}  // namespace
}  // namespace offsetstore::cli
