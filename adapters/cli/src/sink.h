// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::cli {

/// Where records are written, and how far what was written is safe: a position may be committed
/// only when its record's bytes are.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  /// Writes whole records. After an error part of them may be safe: `Taken` tells.
  [[nodiscard]] virtual Status Put(std::string_view bytes) = 0;
  /// How many bytes of all that were put are safe by now. Only grows.
  [[nodiscard]] virtual std::uint64_t Taken() = 0;
  /// Waits until all bytes that were written are safe.
  [[nodiscard]] virtual Status Settle(Deadline deadline) = 0;
};

/// Standard output. Bytes are safe when `write(2)` took them; those still unread in a pipe are safe
/// only when the reader took them, so that what a reader leaves behind is repeated, not lost.
[[nodiscard]] std::unique_ptr<Sink> StandardOutput();

/// Appends to a regular file, made if it is not there; bytes are safe when synced. Where the file
/// does not end with `ending` (a record torn by a crash) `ending` is added first. One process at
/// a time. After a failed write the file is cut back to the last whole batch.
[[nodiscard]] Result<std::unique_ptr<Sink>> AppendTo(const std::filesystem::path& file,
                                                     std::string_view ending);

}  // namespace offsetstore::cli
