// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/error.h"

#include <doctest/doctest.h>

#include <string>

#include "rdkafka/journal.h"

namespace offsetstore::rdkafka {
namespace {

TEST_CASE("a lost answer leaves a write in doubt, and a read not") {
  for (const rd_kafka_resp_err_t native : {RD_KAFKA_RESP_ERR__TIMED_OUT,
                                           RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                                           RD_KAFKA_RESP_ERR__TRANSPORT,
                                           RD_KAFKA_RESP_ERR__WAIT_COORD,
                                           RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE}) {
    CAPTURE(rd_kafka_err2name(native));
    const Error write = ToError(native, Effect::kWrite, "commit");
    CHECK(write.code == ErrorCode::kInDoubt);
    CHECK(write.retry == Retry::kAfterNewClaim);
    const Error read = ToError(native, Effect::kRead, "read");
    CHECK((read.code == ErrorCode::kUnavailable || read.code == ErrorCode::kDeadlineExceeded));
    CHECK(read.retry == Retry::kSafe);
    CHECK(read.native == native);
  }
}

TEST_CASE("a coordinator that is loading has surely applied nothing") {
  const Error error =
      ToError(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, Effect::kWrite, "commit");
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK(error.retry == Retry::kSafe);
}

TEST_CASE("each kind of refusal says what the caller should do") {
  const auto code = [](rd_kafka_resp_err_t native) {
    return ToError(native, Effect::kWrite, "commit").code;
  };
  CHECK(code(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) == ErrorCode::kInvalidArgument);
  CHECK(code(RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE) == ErrorCode::kInvalidArgument);
  CHECK(code(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) == ErrorCode::kPermissionDenied);
  CHECK(code(RD_KAFKA_RESP_ERR__AUTHENTICATION) == ErrorCode::kPermissionDenied);
  CHECK(code(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE) == ErrorCode::kUnsupported);
  CHECK(ToError(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, Effect::kWrite, "commit").retry ==
        Retry::kAfterNewClaim);
}

TEST_CASE("a topic that is not there is told by what was asked, not by where positions are kept") {
  const auto text = [](Effect effect) {
    return ToError(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, effect, "topic t").message;
  };
  CHECK(text(Effect::kRead).find("the brokers have none of that name") != std::string::npos);
  CHECK(text(Effect::kRead).find("keeps positions") == std::string::npos);
  CHECK(text(Effect::kWrite).find("keeps positions only of topics") != std::string::npos);
}

TEST_CASE("codes newer than the header are understood by their number") {
  for (const int native : {110, 111}) {
    CHECK(IsFenced(static_cast<rd_kafka_resp_err_t>(native)));
  }
  const auto stale = static_cast<rd_kafka_resp_err_t>(113);
  CHECK(IsStaleEpoch(stale));
  CHECK_FALSE(IsFenced(stale));
  CHECK(ToError(stale, Effect::kWrite, "commit").retry == Retry::kSafe);
  CHECK_FALSE(IsFenced(RD_KAFKA_RESP_ERR_NO_ERROR));
}

TEST_CASE("messages are redacted") {
  const Error error = ToError(RD_KAFKA_RESP_ERR__AUTHENTICATION,
                              Effect::kRead,
                              "connect",
                              "refused sasl.password=planted-secret");
  CHECK(error.message.find("planted-secret") == std::string::npos);
}

TEST_CASE("the journal explains a silence by the refusal it saw, whatever came after") {
  Journal journal;
  journal.AddError(RD_KAFKA_RESP_ERR__AUTHENTICATION, "SASL: bad password");
  journal.AddError(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
  const Error error = journal.Explain(MakeError(ErrorCode::kDeadlineExceeded, "no answer"));
  CHECK(error.code == ErrorCode::kPermissionDenied);
  CHECK(error.message.find("bad password") != std::string::npos);
  journal.ForgetProblems();
  CHECK(journal.Explain(MakeError(ErrorCode::kDeadlineExceeded, "no answer")).message ==
        "no answer");
}

TEST_CASE("the journal explains nothing that is clear or in doubt") {
  Journal journal;
  journal.AddError(RD_KAFKA_RESP_ERR__AUTHENTICATION, "SASL: bad password");
  CHECK(journal.Explain(MakeError(ErrorCode::kInDoubt, "no answer")).code == ErrorCode::kInDoubt);
}

TEST_CASE("the journal keeps the newest lines, cut and redacted") {
  Journal journal;
  for (int i = 0; i < 100; ++i) journal.AddLog(3, "FAIL", "line " + std::to_string(i));
  journal.AddLog(3, "FAIL", std::string(2000, 'x'));
  journal.AddLog(3, "CONF", "sasl.password=planted-secret");
  const auto lines = journal.Lines();
  REQUIRE(lines.size() == 64);
  CHECK(lines.back().find("planted-secret") == std::string::npos);
  CHECK(lines[62].size() <= 400);
  CHECK(lines[61] == "3 FAIL line 99");
}

}  // namespace
}  // namespace offsetstore::rdkafka
