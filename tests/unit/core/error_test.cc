// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/error.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace offsetstore {
namespace {

TEST_CASE("an error's code implies what may follow it") {
  CHECK(MakeError(ErrorCode::kUnavailable, "").retry == Retry::kSafe);
  CHECK(MakeError(ErrorCode::kDeadlineExceeded, "").retry == Retry::kSafe);
  CHECK(MakeError(ErrorCode::kInDoubt, "").retry == Retry::kAfterNewClaim);
  for (const ErrorCode code : {ErrorCode::kInvalidArgument,
                               ErrorCode::kConfigInvalid,
                               ErrorCode::kUnsupported,
                               ErrorCode::kPermissionDenied,
                               ErrorCode::kCorrupt,
                               ErrorCode::kInternal}) {
    CHECK(MakeError(code, "").retry == Retry::kNever);
  }
}

TEST_CASE("an error is one line that names store, call, code, message and context") {
  Error error = MakeError(ErrorCode::kUnavailable, "cannot connect");
  CHECK(ToString(error) == "Unavailable: cannot connect");
  error.scheme = "file";
  error.operation = "commit";
  CHECK(ToString(error) == "file: commit: Unavailable: cannot connect");
  error.With("group", "g").With("path", "/x");
  CHECK(ToString(error) == "file: commit: Unavailable: cannot connect [group=g path=/x]");
}

TEST_CASE("a name cannot forge a log line") {
  Error error = MakeError(ErrorCode::kCorrupt, "bad\nline");
  error.With("topic", "a\r\nERROR all is lost\x1B[2J");
  const std::string line = ToString(error);
  CHECK(line == "Corrupt: bad\\x0aline [topic=a\\x0d\\x0aERROR all is lost\\x1b[2J]");
}

TEST_CASE("printable text keeps UTF-8 and escapes the rest") {
  CHECK(Printable("") == "");
  CHECK(Printable("plain [3] ~") == "plain [3] ~");
  CHECK(Printable("h\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") ==
        "h\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  CHECK(Printable(std::string_view("a\0b", 3)) == "a\\x00b");
  CHECK(Printable("\x7F") == "\\x7f");
  CHECK(Printable("\xC2\x85") == "\\xc2\\x85");           // The control character NEL.
  CHECK(Printable("\xE2\x80\xA8") == "\\xe2\\x80\\xa8");  // The line separator.
  CHECK(Printable("\xFF-\xC3") == "\\xff-\\xc3");
}

TEST_CASE("every code and every advice has a name of its own") {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kOutOfRange); ++code) {
    names.insert(ToString(static_cast<ErrorCode>(code)));
  }
  CHECK(names.size() == static_cast<std::size_t>(ErrorCode::kOutOfRange) + 1);
  CHECK(std::string(ToString(ErrorCode::kInDoubt)) == "InDoubt");
  CHECK(std::string(ToString(Retry::kNever)) == "Never");
  CHECK(std::string(ToString(Retry::kSafe)) == "Safe");
  CHECK(std::string(ToString(Retry::kAfterNewClaim)) == "AfterNewClaim");
}

}  // namespace
}  // namespace offsetstore
