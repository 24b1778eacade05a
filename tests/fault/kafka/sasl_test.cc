// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Authentication, against the SASL listener of the tests' broker.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "kafka_client.h"
#include "offsetstore/backends/kafka.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

constexpr std::chrono::seconds kBound{20};

Result<std::unique_ptr<OffsetStore>> Open(const std::string& user_info,
                                          const std::string& brokers,
                                          std::string_view protocol = "SASL_PLAINTEXT") {
  const TempDir folder;
  const std::string file = folder / "client.properties";
  std::ofstream(file) << "security.protocol=" << protocol << "\nsasl.mechanism=PLAIN\n";
  const auto uri = ParseUri("kafka://" + user_info + brokers + "?config=" + file);
  if (!uri) return uri.error();
  const auto options = KafkaOptions::FromUri(*uri);
  if (!options) return options.error();
  return OpenKafkaStore(*options, Deadline::After(kBound));
}

TEST_CASE("the right user and password open the store") {
  const auto store = Open("app:app-secret@", KafkaSaslBrokers());
  REQUIRE(store.has_value());
  CHECK_FALSE((*store)->Info().store_id.empty());
  CHECK((*store)->Info().endpoint.find("app-secret") == std::string::npos);
}

TEST_CASE("a password may come from the environment or from a file") {
  ::setenv("OFFSETSTORE_TEST_PASSWORD", "app-secret", 1);
  const TempDir folder;
  std::ofstream(folder / "client.properties")
      << "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n";
  std::ofstream(folder / "password") << "app-secret\n";
  const std::string start =
      "kafka://app@" + KafkaSaslBrokers() + "?config=" + (folder / "client.properties").string();
  for (const std::string& key : {std::string("&password-env=OFFSETSTORE_TEST_PASSWORD"),
                                 "&password-file=" + (folder / "password").string()}) {
    CAPTURE(key);
    const auto uri = ParseUri(start + key);
    REQUIRE(uri.has_value());
    const auto options = KafkaOptions::FromUri(*uri);
    REQUIRE(options.has_value());
    CHECK(OpenKafkaStore(*options, Deadline::After(kBound)).has_value());
  }
}

TEST_CASE("a wrong password is PermissionDenied before the deadline, and shown nowhere") {
  const auto before = std::chrono::steady_clock::now();
  const auto store = Open("app:planted-secret@", KafkaSaslBrokers());
  REQUIRE_FALSE(store.has_value());
  CHECK(store.error().code == ErrorCode::kPermissionDenied);
  CHECK(store.error().retry == Retry::kNever);
  CHECK(ToString(store.error()).find("planted-secret") == std::string::npos);
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(4));
}

TEST_CASE("SASL towards a listener without it is an error that says what to check") {
  const auto store = Open("app:app-secret@", KafkaBrokers());
  REQUIRE_FALSE(store.has_value());
  CHECK((store.error().code == ErrorCode::kPermissionDenied ||
         store.error().code == ErrorCode::kUnavailable));
  CHECK(store.error().message.find(':') != std::string::npos);
}

TEST_CASE("plain text towards a listener with SASL is an error in time") {
  KafkaOptions options;
  options.brokers = KafkaSaslBrokers();
  options.connect_timeout = std::chrono::seconds(2);
  const auto store = OpenKafkaStore(options, Deadline::After(kBound));
  REQUIRE_FALSE(store.has_value());
  CHECK(store.error().code == ErrorCode::kUnavailable);
  // Also with a librdkafka that tells the reason only in its log.
  CHECK(store.error().message.find("Disconnected") != std::string::npos);
}

TEST_CASE("TLS towards a plain listener is an error in time") {
  const auto store = Open("", KafkaBrokers(), "SSL");
  REQUIRE_FALSE(store.has_value());
  CHECK((store.error().code == ErrorCode::kPermissionDenied ||
         store.error().code == ErrorCode::kUnavailable));
}

}  // namespace
}  // namespace offsetstore::testing
