// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/shared_handle.h"

#include "internal/macros.h"

namespace offsetstore::rdkafka {

Status SharedHandle::CheckOpen() {
  const auto handle = Get();
  return handle ? Status() : Status(handle.error());
}

Result<std::shared_ptr<Handle>> SharedHandle::Get() {
  const std::lock_guard lock(mutex_);
  if (closed_) return MakeError(ErrorCode::kUnavailable, "the store is closed");
  if (handle_ == nullptr) {
    OS_ASSIGN_OR_RETURN(handle_, Handle::Open(RD_KAFKA_CONSUMER, conf_.Copy()));
  }
  return handle_;
}

void SharedHandle::LetGo(const std::shared_ptr<Handle>& handle) {
  handle->GiveUp();
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
