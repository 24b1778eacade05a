// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>

#include "offsetstore/uri.h"
#include "zookeeper_support.h"

namespace offsetstore::testing {
namespace {

Error Refused(const std::string& uri) {
  const auto options = OptionsOf(uri);
  REQUIRE_FALSE(options.has_value());
  return options.error();
}

}  // namespace

TEST_CASE("a URI names hosts, chroot, credentials and keys") {
  const auto options = OptionsOf(
      "zookeeper://app:s3cr3t@zk1:2182,zk2/kafka/eu/"
      "?session-timeout=4s&acl=creator-all&create=true");
  REQUIRE(options.has_value());
  CHECK(options->hosts == std::vector<Uri::Host>{{"zk1", 2182}, {"zk2", std::nullopt}});
  CHECK(options->chroot == "/kafka/eu");
  CHECK(options->user == "app");
  CHECK(options->password == "s3cr3t");
  CHECK(options->session_timeout == std::chrono::seconds(4));
  CHECK((options->acl == ZooKeeperOptions::Acl::kCreatorAll));
  CHECK(options->create);
}

TEST_CASE("without keys a store is open to all, as Kafka left it, and makes no tree") {
  const auto options = OptionsOf("zookeeper://zk1");
  REQUIRE(options.has_value());
  CHECK(options->chroot.empty());
  CHECK((options->acl == ZooKeeperOptions::Acl::kWorld));
  CHECK_FALSE(options->create);
}

TEST_CASE("what the tree has no room for is refused: spaces") {
  const Error error = Refused("zookeeper://zk1/kafka?space=prod");
  CHECK(error.code == ErrorCode::kConfigInvalid);
  CHECK(Says(error, "chroot"));
}

TEST_CASE(
    "TLS and SASL without a client library that has them are refused before anything is sent") {
#ifndef OFFSETSTORE_ZOOKEEPER_TLS
  const Error tls = Refused("zookeeper://zk1/kafka?tls-ca=/ca.pem");
  CHECK(tls.code == ErrorCode::kUnsupported);
  CHECK(Says(tls, "stunnel"));
#endif
  CHECK(Refused("zookeeper://zk1/kafka?sasl=kerberos").code == ErrorCode::kUnsupported);
}

TEST_CASE("a wrong URI is ConfigInvalid and says why") {
  for (const char* uri : {"zookeeper:///kafka",
                          "zookeeper://zk1/a//b",
                          "zookeeper://zk1/a/../b",
                          "zookeeper://zk1/kafka?acl=everybody",
                          "zookeeper://zk1/kafka?acl=creator-all",
                          "zookeeper://zk1/kafka?session-timeout=1ms",
                          "zookeeper://zk1/kafka?sesion-timeout=4s",
                          "zookeeper://app@zk1/kafka"}) {
    CAPTURE(uri);
    const Error error = Refused(uri);
    CHECK(error.code == ErrorCode::kConfigInvalid);
    CHECK_FALSE(error.message.empty());
  }
}

TEST_CASE("no message of a refused URI shows the password") {
  const Error error = Refused("zookeeper://app:s3cr3t@zk1/kafka?nonsense=1");
  CHECK_FALSE(Says(error, "s3cr3t"));
}

TEST_CASE("a host without an address is Unavailable, by the deadline") {
  const Error error = OpenError("zookeeper://no-such-host.invalid:2181/kafka",
                                Deadline::After(std::chrono::seconds(20)));
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK(Says(error, "no-such-host"));
}

}  // namespace offsetstore::testing
