// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/error.h"

#include <string>

#include "offsetstore/uri.h"

namespace offsetstore::rdkafka {
namespace {

// Codes of `group.protocol=consumer` that headers before 2.4 do not name.
constexpr int kFencedMemberEpoch = 110;
constexpr int kUnreleasedInstanceId = 111;
constexpr int kStaleMemberEpoch = 113;

ErrorCode RequestCode(rd_kafka_resp_err_t native) {
  switch (native) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__UNKNOWN_GROUP:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
      return ErrorCode::kInvalidArgument;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
      return ErrorCode::kPermissionDenied;
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
    case RD_KAFKA_RESP_ERR__NOT_CONFIGURED:
      return ErrorCode::kConfigInvalid;
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
      return ErrorCode::kUnsupported;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__UNDERFLOW:
    case RD_KAFKA_RESP_ERR_UNKNOWN:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__FAIL:
      return ErrorCode::kInternal;
    default:
      return ErrorCode::kUnavailable;
  }
}

bool IsLostAnswer(rd_kafka_resp_err_t native) {
  switch (native) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    // librdkafka sends a commit again by itself: when it gives up on finding the coordinator, an
    // earlier attempt may have been applied.
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__DESTROY:
    // A coordinator also says these when its own append was made but not replicated.
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_UNKNOWN:
      return true;
    default:
      return false;
  }
}

ErrorCode ToCode(rd_kafka_resp_err_t native, Effect effect) {
  if (native == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE) return ErrorCode::kDeadlineExceeded;
  if (effect == Effect::kWrite && IsLostAnswer(native)) return ErrorCode::kInDoubt;
  if (native == RD_KAFKA_RESP_ERR__TIMED_OUT || native == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT) {
    return ErrorCode::kDeadlineExceeded;
  }
  return RequestCode(native);
}

std::string_view Advice(rd_kafka_resp_err_t native, Effect effect) {
  switch (native) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return effect == Effect::kWrite
                 ? "; Kafka keeps positions only of topics and partitions that exist"
                 : "; the brokers have none of that name, or do not show it to this user";
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return "; the user needs READ (DELETE to remove) on the group";
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return "; the user needs READ on the topic";
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return "; check security.protocol, sasl.mechanism, user and password";
    default:
      return "";
  }
}

}  // namespace

Error ToError(rd_kafka_resp_err_t native,
              Effect effect,
              std::string_view what,
              std::string_view detail) {
  std::string message(what);
  message += ": ";
  message += detail.empty() ? std::string_view(rd_kafka_err2str(native)) : detail;
  message += " (";
  message += rd_kafka_err2name(native);
  message += ")";
  message += Advice(native, effect);
  Error error = MakeError(ToCode(native, effect), Redacted(message));
  error.native = native;
  if (IsFenced(native) || native == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS) {
    error.retry = Retry::kAfterNewClaim;
  }
  return error;
}

bool IsFenced(rd_kafka_resp_err_t native) noexcept {
  switch (static_cast<int>(native)) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
    case RD_KAFKA_RESP_ERR__FENCED:
    case kFencedMemberEpoch:
    case kUnreleasedInstanceId:
      return true;
    default:
      return false;
  }
}

bool IsStaleEpoch(rd_kafka_resp_err_t native) noexcept {
  return static_cast<int>(native) == kStaleMemberEpoch;
}

bool IsCoordinatorBusy(rd_kafka_resp_err_t native) noexcept {
  switch (native) {
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
      return true;
    default:
      return false;
  }
}

}  // namespace offsetstore::rdkafka
