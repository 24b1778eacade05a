// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "exit_code.h"
#include "offsetstore/error.h"

namespace offsetstore::cli {

/// Writes `offsetctl: <text>` as one line to standard error, secrets redacted and control
/// characters escaped. What standard error cannot take is lost: there is nowhere else to say it.
void Complain(std::string_view text) noexcept;

/// Shows a line on standard error that the next one replaces and a complaint takes away; empty:
/// none. Nothing at all where standard error is no terminal. Any thread.
void ShowStatus(std::string_view text) noexcept;

/// Complains about `error` and returns its exit code.
[[nodiscard]] ExitCode Fail(const Error& error);

/// To be called before anything is opened: a file or socket that took the number of a closed
/// standard descriptor would get what is printed. What is printed there fails as it did.
void ReserveStandardDescriptors() noexcept;

/// Writes `text` to standard output, all of it. `kOutput` where that is not possible, and then
/// says why, and `lost`: what that means.
[[nodiscard]] ExitCode Print(std::string_view text, std::string_view lost = {});

/// What standard output is shown on.
struct Screen {
  bool colour = false;      ///< A terminal, and nobody said `NO_COLOR`.
  std::size_t columns = 0;  ///< Of a terminal; 0: no terminal, or one that does not say.
  std::size_t rows = 0;     ///< The same.
};
[[nodiscard]] Screen OutputScreen() noexcept;

/// Writes all of `text` to `fd`; interrupted and short writes go on. Returns 0 or `errno`.
[[nodiscard]] int WriteFully(int fd, std::string_view text) noexcept;

}  // namespace offsetstore::cli
