// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "error.h"

#include <optional>
#include <utility>

namespace offsetstore::zookeeper {
namespace {

Error Make(ErrorCode code, std::string message, int native, const std::string& path) {
  Error error = MakeError(code, std::move(message));
  error.native = native;
  if (!path.empty()) error.With("path", path);
  return error;
}

Error NotSent(const Reply& reply, Deadline deadline, const std::string& path) {
  if (deadline.Passed()) {
    return Make(ErrorCode::kDeadlineExceeded,
                "the deadline passed before the request was sent; nothing was applied",
                reply.native,
                path);
  }
  return Make(ErrorCode::kUnavailable,
              "the connection to ZooKeeper broke before the request was sent; nothing was applied",
              reply.native,
              path);
}

Error NoAnswer(Sending sending, const std::string& path) {
  if (sending == Sending::kRead) {
    return Make(ErrorCode::kDeadlineExceeded, "no answer by the deadline", 0, path);
  }
  return Make(ErrorCode::kInDoubt,
              "no answer by the deadline; the write may or may not be applied, also later",
              0,
              path);
}

// A request that the tree has no place for.
std::optional<Error> Misplaced(int code, const std::string& path) {
  const std::string node = "the node " + Printable(path);
  switch (code) {
    case ZNOCHILDRENFOREPHEMERALS:
      return Make(ErrorCode::kCorrupt,
                  "a node above " + Printable(path) + " is ephemeral and can have no children",
                  code,
                  path);
    case ZNOTEMPTY:
      return Make(ErrorCode::kCorrupt,
                  node + " should be a position and has children; remove them first",
                  code,
                  path);
    case ZNONODE:
      return Make(ErrorCode::kCorrupt, node + " is missing", code, path);
    case ZBADARGUMENTS:
      return Make(ErrorCode::kInvalidArgument, "ZooKeeper does not take " + node, code, path);
    default:
      return std::nullopt;
  }
}

// Answers by which the server refused the request; none: it may have been applied.
std::optional<Error> Refused(int code, const std::string& path) {
  const std::string node = "the node " + Printable(path);
  switch (code) {
    case ZNOAUTH:
      return Make(ErrorCode::kPermissionDenied,
                  "ZooKeeper allows this identity not to use " + node +
                      "; give it the rights, or name the right user and password",
                  code,
                  path);
    case ZAUTHFAILED:
      return Make(ErrorCode::kPermissionDenied, "ZooKeeper refused the authentication", code, path);
    case ZINVALIDACL:
      return Make(ErrorCode::kPermissionDenied,
                  "acl=creator-all needs an identity that the server accepted",
                  code,
                  path);
    case ZNOTREADONLY:
      return Make(ErrorCode::kUnavailable,
                  "the server has lost its ensemble and only reads; nothing was applied",
                  code,
                  path);
    case ZTHROTTLEDOP:
      return Make(ErrorCode::kUnavailable,
                  "the server is overloaded and refused the request; nothing was applied",
                  code,
                  path);
    default:
      return Misplaced(code, path);
  }
}

}  // namespace

Error ToError(const Reply& reply, Sending sending, const std::string& path, Deadline deadline) {
  if (reply.code == kNotSent) return NotSent(reply, deadline, path);
  if (reply.code == kNoAnswer) return NoAnswer(sending, path);
  if (auto refused = Refused(reply.code, path)) return *std::move(refused);
  const std::string what = std::string("ZooKeeper's client says '") + zerror(reply.code) + '\'';
  if (sending == Sending::kWrite) {
    return Make(
        ErrorCode::kInDoubt, what + "; the write may or may not be applied", reply.code, path);
  }
  return Make(ErrorCode::kUnavailable, what, reply.code, path);
}

}  // namespace offsetstore::zookeeper
