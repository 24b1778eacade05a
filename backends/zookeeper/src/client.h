// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "offsetstore/backends/zookeeper.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "session.h"

namespace offsetstore::zookeeper {

/// Reads that are under way at once. More gain nothing.
inline constexpr std::size_t kReadWindow = 256;

/// The ensemble as one store sees it: a session, and another one after it expired. Threads: any,
/// but `Close` must not overlap.
class Client {
 public:
  explicit Client(const ZooKeeperOptions& options);

  /// A session that is connected, authenticated and, as far as is known, alive.
  [[nodiscard]] Result<std::shared_ptr<Session>> Connected(Deadline deadline);

  [[nodiscard]] Status Close(Deadline deadline);

  /// The chroot, before every path. Paths are whole ones: the client library's own chroot would
  /// hide what lies outside it when it is missing.
  [[nodiscard]] const std::string& root() const noexcept { return root_; }
  [[nodiscard]] const std::string& hosts() const noexcept { return config_.shown; }
  [[nodiscard]] bool creator_all() const noexcept { return creator_all_; }

 private:
  [[nodiscard]] Result<std::shared_ptr<Session>> Current();

  SessionConfig config_;
  std::string root_;
  bool creator_all_;
  std::mutex mutex_;  // guards session_ and closed_
  std::shared_ptr<Session> session_;
  bool closed_ = false;
};

}  // namespace offsetstore::zookeeper
