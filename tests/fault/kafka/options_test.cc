// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What is wrong before a broker answers: the URI, the file, the brokers themselves.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "offsetstore/backends/kafka.h"
#include "offsetstore/registry.h"
#include "rdkafka/conf.h"
#include "temp_dir.h"

namespace offsetstore {
namespace {

using std::chrono::milliseconds;

Error OpenError(const std::string& text, Duration bound = milliseconds(1500)) {
  BackendRegistry registry;
  REQUIRE(RegisterKafkaBackend(registry));
  const auto uri = ParseUri(text);
  REQUIRE(uri.has_value());
  const auto store = registry.Open(*uri, Deadline::After(bound));
  REQUIRE_FALSE(store.has_value());
  return store.error();
}

bool Says(const Error& error, std::string_view words) {
  return error.message.find(words) != std::string::npos;
}

std::string Write(const testing::TempDir& folder, std::string_view text) {
  std::string path = folder / "client.properties";
  std::ofstream(path) << text;
  return path;
}

/// What a piece of code prints on standard output and standard error.
template <class Code>
std::string PrintedBy(Code code) {
  const testing::TempDir folder;
  const std::string path = folder / "printed";
  std::FILE* file = std::fopen(path.c_str(), "w");
  REQUIRE(file != nullptr);
  std::cout.flush();  // What the test runner printed before is not meant.
  const int out = ::dup(STDOUT_FILENO);
  const int err = ::dup(STDERR_FILENO);
  ::dup2(::fileno(file), STDOUT_FILENO);
  ::dup2(::fileno(file), STDERR_FILENO);
  code();
  std::fflush(stdout);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::close(out);
  ::close(err);
  std::fclose(file);
  std::ifstream read(path);
  return {std::istreambuf_iterator<char>(read), {}};
}

TEST_CASE("'kafka:' without brokers says that it is a consumer's own handle") {
  const Error error = OpenError("kafka:");
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Says(error, "own"));
  CHECK(Says(error, "kafka://broker:9092"));
}

TEST_CASE("no broker, a path, a space, an unknown key: each is named") {
  CHECK(Says(OpenError("kafka://"), "no brokers"));
  CHECK(Says(OpenError("kafka://127.0.0.1:1/chroot"), "'/chroot'"));
  CHECK(Says(OpenError("kafka://127.0.0.1:1?space=eu"), "space="));
  const Error error = OpenError("kafka://127.0.0.1:1?admin-delet=true");
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Says(error, "admin-delete"));
}

TEST_CASE("brokers come with and without a port, also by an IPv6 address") {
  const auto uri = ParseUri("kafka://b1:9093,b2?connect-timeout=250ms&admin-delete=true");
  REQUIRE(uri.has_value());
  const auto options = KafkaOptions::FromUri(*uri);
  REQUIRE(options.has_value());
  CHECK(options->brokers == "b1:9093,b2");
  CHECK(options->connect_timeout == milliseconds(250));
  CHECK(options->admin_delete);
}

TEST_CASE("a key that librdkafka does not know names file, line and the nearest key") {
  const testing::TempDir folder;
  const std::string file = Write(folder, "# tools\nsecurity.protocl=SASL_SSL\n");
  const Error error = OpenError("kafka://127.0.0.1:1?config=" + file);
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Says(error, "client.properties:2"));
  CHECK(Says(error, "'security.protocl'"));
  CHECK(Says(error, "'security.protocol'"));
}

TEST_CASE("a value that librdkafka refuses names file, line and librdkafka's reason") {
  const testing::TempDir folder;
  const std::string file = Write(folder, "socket.timeout.ms=soon\n");
  const Error error = OpenError("kafka://127.0.0.1:1?config=" + file);
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Says(error, "client.properties:1"));
  CHECK(Says(error, "socket.timeout.ms=soon"));
}

TEST_CASE("a secret that librdkafka refuses is not shown") {
  rdkafka::Conf conf;
  const Status status = conf.Set("ssl.key.pem", "planted-secret");
  // Some versions check it here, others only when it is used; neither may tell it.
  if (!status) CHECK_FALSE(Says(status.error(), "planted-secret"));
  const Status unknown = conf.Set("sasl.pasword", "planted-secret");
  REQUIRE_FALSE(unknown.has_value());
  CHECK_FALSE(Says(unknown.error(), "planted-secret"));
  CHECK(Says(unknown.error(), "'sasl.password'"));
}

TEST_CASE("a consumer's own file will do: its group and the adapter's keys are left out") {
  const testing::TempDir folder;
  const std::string file = Write(folder,
                                 "group.id=payments\ngroup.protocol=consumer\ntopics=orders\n"
                                 "offsetstore.uri=kafka:\nenable.auto.commit=false\n");
  const Error error = OpenError("kafka://127.0.0.1:1?config=" + file);
  CHECK(error.code == ErrorCode::kUnavailable);
}

TEST_CASE("brokers given twice must be the same") {
  const testing::TempDir folder;
  const std::string file = Write(folder, "bootstrap.servers=127.0.0.1:1\n");
  const Error error = OpenError("kafka://127.0.0.1:2?config=" + file);
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Says(error, "client.properties:1"));
  CHECK(OpenError("kafka://127.0.0.1:1?config=" + file).code == ErrorCode::kUnavailable);
  CHECK(OpenError("kafka://?config=" + file).code == ErrorCode::kUnavailable);
}

TEST_CASE("a user without SASL is refused: the broker would never see it") {
  const Error error = OpenError("kafka://app:planted-secret@127.0.0.1:1");
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Says(error, "security.protocol"));
  CHECK_FALSE(Says(error, "planted-secret"));
}

TEST_CASE("a missing file, a folder and binary junk as config= are errors that name it") {
  const testing::TempDir folder;
  const std::string junk = Write(folder, "\x7f\x45LF\x01\x02");
  for (const std::string& path : {folder.path().string() + "/none", folder.path().string(), junk}) {
    CAPTURE(path);
    const Error error = OpenError("kafka://127.0.0.1:1?config=" + path);
    CHECK(error.code == ErrorCode::kConfigInvalid);
    CHECK(ToString(error).find(folder.path().filename().string()) != std::string::npos);
  }
}

TEST_CASE("a port where nobody listens is Unavailable in time, with the reason, in silence") {
  const auto before = std::chrono::steady_clock::now();
  Error error;
  const std::string printed = PrintedBy([&] { error = OpenError("kafka://127.0.0.1:1"); });
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK(error.retry == Retry::kSafe);
  CHECK(Says(error, "Connection refused"));
  CHECK(printed == "");
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(5));
}

TEST_CASE("connect-timeout ends the opening before a later deadline") {
  const auto before = std::chrono::steady_clock::now();
  const Error error =
      OpenError("kafka://127.0.0.1:1?connect-timeout=300ms", std::chrono::minutes(1));
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(10));
}

TEST_CASE("a host that does not exist is named") {
  const Error error = OpenError("kafka://no-such-host.invalid:9092");
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK(Says(error, "no-such-host.invalid"));
}

TEST_CASE("known keys of librdkafka include those of topics and of TLS") {
  const auto keys = rdkafka::Conf::KnownKeys();
  CHECK(keys.size() > 100);
  for (const char* key : {"bootstrap.servers", "auto.offset.reset", "ssl.ca.location"}) {
    CHECK(std::find(keys.begin(), keys.end(), key) != keys.end());
  }
}

}  // namespace
}  // namespace offsetstore
