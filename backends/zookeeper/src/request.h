// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <zookeeper/zookeeper.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "offsetstore/deadline.h"
#include "partition_state.h"

namespace offsetstore::zookeeper {

/// One step of a transaction.
struct Step {
  enum class Kind : std::uint8_t { kCreate, kSet, kDelete, kCheck };
  Kind kind = Kind::kCheck;
  std::string path;
  std::string data;
  std::int32_t version = 0;
};

/// What one line of a node's access list grants.
struct Grant {
  std::int32_t rights = 0;  ///< `ZOO_PERM_READ`, ...
  std::string scheme;       ///< `world`, `digest`, ...
  std::string id;           ///< `anyone`, `USER:...`
};

/// One request to the server.
struct Request {
  enum class Kind : std::uint8_t {
    kGet,
    kChildren,
    kExists,
    kCreate,  ///< Persistent, with null data.
    kAcl,
    kSync,  ///< Later reads of this session see all that was committed before.
    kMulti,
  };
  Kind kind = Kind::kGet;
  std::string path;
  bool creator_all = false;  ///< Of what it creates.
  std::vector<Step> steps;   ///< `kMulti`
};

/// Codes beside the client library's own (ZOK and negative ones).
inline constexpr int kNotSent = 1;   ///< Never given to the client library, or refused by it.
inline constexpr int kNoAnswer = 2;  ///< Sent; no answer by the deadline.

struct Reply {
  int code = kNotSent;
  int native = 0;                 ///< `kNotSent`: why the client library refused it.
  Node node;                      ///< `kGet`; `kExists`, `kChildren`: without data.
  std::int64_t created_zxid = 0;  ///< `kExists`, `kGet`, `kChildren`
  std::int64_t ctime = 0;         ///< `kExists`, `kGet`, `kChildren`
  std::int32_t data_bytes = 0;    ///< `kExists`, `kGet`, `kChildren`
  std::vector<std::string> children;
  std::vector<Grant> grants;    ///< `kAcl`
  std::size_t failed_step = 0;  ///< `kMulti` that was refused.
};

/// Requests under way and their replies. The library's completion thread fills in replies under a
/// lock and does nothing else. Shared: a completion may come after the caller gave up.
class Batch : public std::enable_shared_from_this<Batch> {
 public:
  explicit Batch(std::size_t size) : replies_(size) {}

  /// Where `window` are under way, waits until half of them are: to wake up for every single reply
  /// costs more than the reply. False: the deadline passed, or the connection broke and more would
  /// be pointless.
  [[nodiscard]] bool AwaitRoom(std::size_t window, Deadline deadline);
  void Send(zhandle_t* handle, const Request& request, std::size_t index);
  /// Waits for all, and takes what is there.
  [[nodiscard]] std::vector<Reply> Take(Deadline deadline);

  /// Called by completions.
  void Finish(std::size_t index, Reply reply);

 private:
  std::mutex mutex_;  // guards all below; never held in a call of the client library
  std::condition_variable changed_;
  std::size_t under_way_ = 0;
  std::size_t awaited_ = 0;  // nobody waits for more than these to be under way
  bool broken_ = false;
  std::vector<Reply> replies_;
};

}  // namespace offsetstore::zookeeper
