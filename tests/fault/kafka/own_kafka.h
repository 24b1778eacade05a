// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

#include "temp_dir.h"

namespace offsetstore::testing {

/// A broker of a test's own, to be stopped and frozen. Throws where it cannot be started.
class OwnKafka {
 public:
  OwnKafka();
  OwnKafka(const OwnKafka&) = delete;
  OwnKafka& operator=(const OwnKafka&) = delete;
  ~OwnKafka();

  [[nodiscard]] const std::string& brokers() const noexcept { return brokers_; }

  /// On the same ports, with the same data.
  void Restart();
  /// Takes connections and answers nothing, until `Thaw`.
  void Freeze() const;
  void Thaw() const;

 private:
  void Start();
  bool Stop() noexcept;

  TempDir folder_;
  std::string brokers_;
  pid_t pid_ = 0;
};

}  // namespace offsetstore::testing
