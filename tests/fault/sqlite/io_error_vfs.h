// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace offsetstore::testing {

/// A file layer between SQLite and the system that fails on demand. While one lives, every
/// connection opened in this process goes through it; make it before the first. One at a time.
class IoFaults {
 public:
  IoFaults();
  IoFaults(const IoFaults&) = delete;
  IoFaults& operator=(const IoFaults&) = delete;
  ~IoFaults();

  /// The `nth` write, sync or truncation from now (the first is 1), and with `sticky` every later
  /// one, answers the SQLite code `code`.
  void Fail(int nth, int code, bool sticky = false);
  void Heal();
  /// Whether a call was failed since `Fail`.
  [[nodiscard]] bool Fired() const;
};

}  // namespace offsetstore::testing
