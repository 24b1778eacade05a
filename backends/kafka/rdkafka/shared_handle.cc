// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/shared_handle.h"

#include "internal/macros.h"

namespace offsetstore::rdkafka {

Status SharedHandle::CheckOpen() {
  const std::lock_guard lock(mutex_);
  if (!closed_) return {};
  return MakeError(ErrorCode::kUnavailable, "the store is closed");
}

Result<std::shared_ptr<Handle>> SharedHandle::Get() {
  OS_RETURN_IF_ERROR(CheckOpen());
  const std::lock_guard lock(mutex_);
  if (handle_ == nullptr) {
    OS_ASSIGN_OR_RETURN(handle_, Handle::Open(RD_KAFKA_CONSUMER, conf_.Copy()));
  }
  return handle_;
}

void SharedHandle::LetGo(const std::shared_ptr<Handle>& handle) {
  const std::lock_guard lock(mutex_);
  if (handle_ == handle) handle_ = nullptr;
}

Status SharedHandle::Close(Deadline deadline) {
  std::shared_ptr<Handle> closing;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    closing = std::move(handle_);
  }
  return closing == nullptr ? Status() : closing->Close(deadline);
}

}  // namespace offsetstore::rdkafka
