// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "offsetstore/testing/test_group.h"
#include "redis_support.h"

#ifdef OFFSETSTORE_TEST_REDIS_TLS

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "own_server.h"
#include "tcp_proxy.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

/// A certificate of its own for `name`, and a server that speaks TLS on a port of the kernel's
/// choice behind its own.
struct TlsServer {
  explicit TlsServer(const std::string& name) {
    const std::string command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test" +
                                (" -addext subjectAltName=" + name) + " -keyout '" +
                                (folder / "key").string() + "' -out '" + ca.string() +
                                "' 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl makes no certificate");
    ::setenv("OFFSETSTORE_REDIS_CONFIG",
             ("tls-cert-file " + ca.string() + "\ntls-key-file " + (folder / "key").string() +
              "\ntls-ca-cert-file " + ca.string() + "\ntls-auth-clients no\ntls-port " +
              std::to_string(port))
                 .c_str(),
             1);
    server.emplace("redis");
    ::unsetenv("OFFSETSTORE_REDIS_CONFIG");
  }

  [[nodiscard]] RedisOptions Options() const {
    RedisOptions options = At(port);
    options.tls = true;
    options.tls_ca = ca;
    return options;
  }

  TempDir folder;
  std::filesystem::path ca = folder / "cert";
  std::uint16_t port = static_cast<std::uint16_t>(32'100 + std::rand() % 600);
  std::optional<OwnServer> server;
};

TEST_CASE("a store over TLS works, large requests and replies too") {
  const TlsServer tls("IP:127.0.0.1");
  const auto store = MustOpen(tls.Options());
  const TestGroup group(*store, "payments");
  const auto moves = AdvanceEach(PartitionsOf("orders", 10'000), 5);
  for (const Answer& answer : group.CommitAll(moves, Atomicity::kAll)) REQUIRE(answer.Ok());
  CHECK(group.All().size() == 10'000);
  const Frozen frozen(tls.server->pid());
  const auto reads = store->Fetch("payments", Selection{}, Deadline::After(Duration(100)));
  REQUIRE_FALSE(reads);
  CHECK(reads.error().code == ErrorCode::kDeadlineExceeded);
  CHECK(OpenError(tls.Options(), Duration(100)).code == ErrorCode::kDeadlineExceeded);
}

TEST_CASE("a certificate that is not trusted, or of another host, is refused") {
  const TlsServer tls("DNS:elsewhere.example");
  const Error other = OpenError(tls.Options());
  CHECK(other.code == ErrorCode::kPermissionDenied);
  CHECK(Has(other.message, "mismatch"));
  RedisOptions untrusted = tls.Options();
  untrusted.tls_ca.clear();
  CHECK(OpenError(untrusted).code == ErrorCode::kPermissionDenied);
  RedisOptions no_file = tls.Options();
  no_file.tls_ca = "/nowhere/ca.pem";
  CHECK(OpenError(no_file).code == ErrorCode::kConfigInvalid);
  RedisOptions plain = tls.Options();
  plain.port = PortOf(tls.server->address());
  const Error silent = OpenError(plain, Duration(300));
  CHECK(silent.code == ErrorCode::kDeadlineExceeded);
  CHECK(Has(silent.message, "does the port speak TLS"));
}

}  // namespace
}  // namespace offsetstore::testing

#else

namespace offsetstore::testing {
namespace {

TEST_CASE("rediss without TLS in hiredis says what to do") {
  RedisOptions options = OptionsOf("rediss://127.0.0.1");
  const Error error = OpenError(options);
  CHECK(error.code == ErrorCode::kUnsupported);
  CHECK(Has(error.message, "hiredis 1.0"));
  CHECK(Has(error.message, "stunnel"));
}

}  // namespace
}  // namespace offsetstore::testing

#endif
