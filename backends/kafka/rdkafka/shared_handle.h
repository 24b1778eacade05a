// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "rdkafka/conf.h"
#include "rdkafka/handle.h"

namespace offsetstore::rdkafka {

/// The handle that the calls of a store share, and its successors. What a call has sent, or waits
/// to send, must end with the call: librdkafka would still send a write that nobody waits for once
/// its broker is back. So the handle of a call without an answer is let go, and ends when the last
/// call that uses it does; the next call has a new one, configured alike. Threads: any, but
/// `Close`.
class SharedHandle {
 public:
  explicit SharedHandle(std::unique_ptr<Handle> handle)
      : conf_(Conf::CopyOf(handle->get())), handle_(std::move(handle)) {}

  /// Whether `Get` gives one.
  [[nodiscard]] Status CheckOpen();
  /// `Unavailable` once closed.
  [[nodiscard]] Result<std::shared_ptr<Handle>> Get();
  /// After a call on `handle` that was not answered by its deadline.
  void LetGo(const std::shared_ptr<Handle>& handle);
  /// As `Handle::Close`.
  [[nodiscard]] Status Close(Deadline deadline);

 private:
  const Conf conf_;
  std::mutex mutex_;  // Guards both below.
  std::shared_ptr<Handle> handle_;
  bool closed_ = false;
};

}  // namespace offsetstore::rdkafka
