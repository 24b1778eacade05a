// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "temp_dir.h"

namespace offsetstore::testing {

/// The real Kafka 0.8.2.2 of tests/services/kafka08.sh, by its own tools. Everything throws where
/// it does not work.
class Kafka08 {
 public:
  /// Ends the process with 77 where OFFSETSTORE_TEST_KAFKA08 is not set.
  Kafka08();

  [[nodiscard]] const std::string& uri() const noexcept { return uri_; }
  [[nodiscard]] const TempDir& folder() const noexcept { return folder_; }

  /// A topic of one partition with the records `1` to `count`.
  [[nodiscard]] std::string Topic(int count) const;

  /// What a tool prints, standard error too. `words` are for a shell.
  [[nodiscard]] std::string Run(const std::string& tool, const std::string& words) const;

  /// The records that its high-level consumer reads as `group` until it has `count`. It refuses to
  /// read a group that is known from the beginning.
  [[nodiscard]] std::vector<std::string> Consume(const std::string& group,
                                                 const std::string& topic,
                                                 int count,
                                                 bool known = false) const;

  /// A consumer that goes on reading, until the end of the scope.
  class Running {
   public:
    Running(const Kafka08& kafka, const std::string& group, const std::string& topic);
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running();
    /// SIGKILL: it unregisters nothing.
    void Kill();

   private:
    pid_t pid_;
  };

 private:
  [[nodiscard]] std::string Command(const std::string& tool, const std::string& words) const;
  [[nodiscard]] std::string ConsumerWords(const std::string& group, const std::string& topic) const;

  std::string uri_;
  std::string connect_;  ///< `host:port/chroot`
  std::string broker_;
  std::string jars_;
  TempDir folder_;
};

}  // namespace offsetstore::testing
