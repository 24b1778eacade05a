// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "offsetstore/deadline.h"

namespace offsetstore::rdkafka {

/// `rd_kafka_AdminOptions_t`, owned, of calls that end by a deadline.
class AdminOptions {
 public:
  /// For a call to a group's coordinator, which only the caller gives up. Where librdkafka's own
  /// timeout of such a call passes before a coordinator is found, it aborts the process once one is
  /// (confluentinc/librdkafka#3663): the call's state is released twice.
  [[nodiscard]] static AdminOptions OfCoordinator(rd_kafka_t* handle,
                                                  rd_kafka_admin_op_t operation) {
    constexpr std::chrono::hours kLongest{1};
    return {handle, operation, Deadline::After(kLongest)};
  }
  AdminOptions(rd_kafka_t* handle, rd_kafka_admin_op_t operation, Deadline deadline)
      : options_(rd_kafka_AdminOptions_new(handle, operation)) {
    // A little before our own deadline, so that librdkafka's reason is what we hear.
    const Duration left = deadline.Remaining();
    const Duration timeout = std::max(Duration(1), left - std::min(Duration(50), left / 10));
    // Refuses only what is outside of 0 to one hour, and `Remaining` never is.
    rd_kafka_AdminOptions_set_request_timeout(
        options_.get(), static_cast<int>(timeout.count()), nullptr, 0);
  }
  void SetOpaque(void* opaque) { rd_kafka_AdminOptions_set_opaque(options_.get(), opaque); }
  [[nodiscard]] rd_kafka_AdminOptions_t* get() const noexcept { return options_.get(); }

 private:
  struct Destroy {
    void operator()(rd_kafka_AdminOptions_t* options) const noexcept {
      rd_kafka_AdminOptions_destroy(options);
    }
  };
  std::unique_ptr<rd_kafka_AdminOptions_t, Destroy> options_;
};

}  // namespace offsetstore::rdkafka
