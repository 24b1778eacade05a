// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "offsetstore/properties.h"
#include "offsetstore/result.h"

namespace offsetstore::rdkafka {

/// librdkafka's configuration, with errors that name the key and never show a secret.
class Conf {
 public:
  Conf();
  /// As `handle` was configured, without its callbacks.
  [[nodiscard]] static Conf CopyOf(rd_kafka_t* handle);

  [[nodiscard]] Conf Copy() const { return Conf(rd_kafka_conf_dup(conf_.get())); }

  /// `ConfigInvalid`: an unknown key (with the nearest known one) or a value that librdkafka
  /// refuses (its own reason).
  [[nodiscard]] Status Set(const std::string& key, const std::string& value);

  /// The same for one line of a file; errors carry file and line.
  [[nodiscard]] Status Set(const Properties& from, const Property& property);

  /// What is set, or the default; none for an unknown key and for one without a value.
  [[nodiscard]] std::optional<std::string> Get(const std::string& key) const;

  [[nodiscard]] rd_kafka_conf_t* get() const noexcept { return conf_.get(); }
  /// Gives the object to `rd_kafka_new`, which owns it once that succeeded.
  [[nodiscard]] rd_kafka_conf_t* Release() noexcept { return conf_.release(); }

  /// Every key of the library that runs, topic keys too.
  [[nodiscard]] static std::vector<std::string> KnownKeys();

 private:
  explicit Conf(rd_kafka_conf_t* conf) : conf_(conf) {}
  struct Destroy {
    void operator()(rd_kafka_conf_t* conf) const noexcept { rd_kafka_conf_destroy(conf); }
  };
  std::unique_ptr<rd_kafka_conf_t, Destroy> conf_;
};

}  // namespace offsetstore::rdkafka
