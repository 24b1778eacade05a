// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "conninfo.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string_view>
#include <system_error>

#include "internal/macros.h"
#include "offsetstore/units.h"

namespace offsetstore::postgres {
namespace {

using Keywords = std::map<std::string, std::string, std::less<>>;

struct FreeDefaults {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using Defaults = std::unique_ptr<PQconninfoOption, FreeDefaults>;

// Set by the store itself, or of no use to one.
constexpr std::array<std::string_view, 10> kOurs = {"client_encoding",
                                                    "fallback_application_name",
                                                    "replication",
                                                    "service",
                                                    "authtype",
                                                    "host",
                                                    "port",
                                                    "dbname",
                                                    "user",
                                                    "password"};

bool IsOurs(std::string_view keyword) {
  return std::find(kOurs.begin(), kOurs.end(), keyword) != kOurs.end();
}

/// What libpq takes where nothing is said: the environment, a service file, what it was built with.
Keywords ReadDefaults() {
  Keywords values;
  const Defaults defaults(PQconndefaults());
  for (const PQconninfoOption* one = defaults.get(); one != nullptr && one->keyword != nullptr;
       ++one) {
    if (one->val != nullptr && *one->val != '\0') values.emplace(one->keyword, one->val);
  }
  return values;
}

std::string Get(const Keywords& values, std::string_view key) {
  const auto found = values.find(key);
  return found == values.end() ? std::string() : found->second;
}

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

Error Invalid(std::string message) {
  return MakeError(ErrorCode::kConfigInvalid, std::move(message));
}

struct Address {
  std::string host;  // empty: the local socket
  std::string port;
};

/// The options' hosts, else PGHOST's; without the ports that they do not say.
std::vector<Address> NamedAddresses(const PostgresOptions& options, const Keywords& defaults) {
  std::vector<Address> addresses;
  for (const Uri::Host& host : options.hosts) {
    addresses.push_back({host.name, host.port ? std::to_string(*host.port) : std::string()});
  }
  if (!addresses.empty()) return addresses;
  for (std::string& host : Split(Get(defaults, "host"))) {
    addresses.push_back({std::move(host), {}});
  }
  return addresses;
}

Result<std::vector<Address>> Addresses(const PostgresOptions& options, const Keywords& defaults) {
  std::vector<Address> addresses = NamedAddresses(options, defaults);
  const std::vector<std::string> ports = Split(Get(defaults, "port"));
  if (ports.size() != 1 && ports.size() != addresses.size()) {
    return Invalid("PGPORT names " + std::to_string(ports.size()) + " ports for " +
                   std::to_string(addresses.size()) + " hosts");
  }
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    Address& address = addresses[i];
    if (address.host.find(',') != std::string::npos) {
      return Invalid("the host '" + Printable(address.host) + "' holds a comma");
    }
    if (address.port.empty()) address.port = ports.size() == 1 ? ports[0] : ports[i];
  }
  return addresses;
}

bool IsLocal(std::string_view host) {
  return host.empty() || host.starts_with('/') || host.starts_with('@') || host == "localhost" ||
         host == "::1" || host.starts_with("127.");
}

/// The certificates that the system trusts; empty: none found. libpq 15 has no name for them.
std::string SystemCertificates() {
  constexpr std::array kPlaces = {"/etc/ssl/certs/ca-certificates.crt",
                                  "/etc/pki/tls/certs/ca-bundle.crt",
                                  "/etc/ssl/ca-bundle.pem"};
  const auto* found = std::find_if(kPlaces.begin(), kPlaces.end(), [](const char* path) {
    std::error_code failed;
    return std::filesystem::exists(path, failed);
  });
  return found == kPlaces.end() ? std::string() : std::string(*found);
}

bool HasOwnRootFile() {
  const char* home = std::getenv("HOME");
  if (home == nullptr) return false;
  std::error_code failed;
  return std::filesystem::exists(std::filesystem::path(home) / ".postgresql/root.crt", failed);
}

/// Encrypted and verified, unless the server is on this machine or somebody said otherwise.
void SetTls(const Address& address, const Keywords& defaults, Keywords& to) {
  const bool said =
      to.contains("sslmode") || IsSet("PGSSLMODE") || Get(defaults, "sslmode") != "prefer";
  const std::string numeric = to.contains("hostaddr") ? to["hostaddr"] : Get(defaults, "hostaddr");
  const std::string_view host = numeric.empty() ? address.host : numeric;
  if (!said && !IsLocal(host)) to["sslmode"] = "verify-full";
  const std::string mode = to.contains("sslmode") ? to["sslmode"] : Get(defaults, "sslmode");
  if (!mode.starts_with("verify-") || to.contains("sslrootcert") || IsSet("PGSSLROOTCERT") ||
      HasOwnRootFile()) {
    return;
  }
  const std::string system = SystemCertificates();
  if (!system.empty()) to["sslrootcert"] = system;
}

Keywords Common(const PostgresOptions& options, const Keywords& defaults, bool several) {
  Keywords common = options.libpq;
  common.erase("connect_timeout");
  if (!options.database.empty()) common["dbname"] = options.database;
  if (!options.user.empty()) common["user"] = options.user;
  if (!options.password.empty()) common["password"] = options.password;
  common["client_encoding"] = "UTF8";
  common["fallback_application_name"] = "offsetstore";
  // A store writes: of several servers it needs the one that lets it.
  const std::string wanted = Get(defaults, "target_session_attrs");
  if (several && !common.contains("target_session_attrs") && (wanted.empty() || wanted == "any")) {
    common["target_session_attrs"] = "read-write";
  }
  return common;
}

Result<Duration> ConnectLimit(const PostgresOptions& options, const Keywords& defaults) {
  const auto given = options.libpq.find("connect_timeout");
  const std::string text =
      given != options.libpq.end() ? given->second : Get(defaults, "connect_timeout");
  if (text.empty()) return Duration::zero();
  const Result<std::int64_t> seconds = ParseInteger(text);
  if (!seconds || *seconds < 0 || *seconds > 86'400) {
    return Invalid("connect_timeout=" + Printable(text) + " is not a number of seconds");
  }
  return Duration(std::chrono::seconds(*seconds));
}

std::string NameOf(const Address& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  const std::string host = address.host.empty() ? "local" : address.host;
  return (is_ipv6 ? '[' + host + ']' : host) + (address.port.empty() ? "" : ':' + address.port);
}

}  // namespace

std::vector<std::string> LibpqKeywords() {
  std::vector<std::string> keywords;
  const Defaults defaults(PQconndefaults());
  for (const PQconninfoOption* one = defaults.get(); one != nullptr && one->keyword != nullptr;
       ++one) {
    if (!IsOurs(one->keyword)) keywords.emplace_back(one->keyword);
  }
  return keywords;
}

Result<Servers> ToServers(const PostgresOptions& options) {
  const Keywords defaults = ReadDefaults();
  OS_ASSIGN_OR_RETURN(const std::vector<Address> addresses, Addresses(options, defaults));
  OS_ASSIGN_OR_RETURN(const Duration limit, ConnectLimit(options, defaults));
  const Keywords common = Common(options, defaults, addresses.size() > 1);
  Servers servers;
  for (const Address& address : addresses) {
    Keywords keywords = common;
    if (!address.host.empty()) keywords["host"] = address.host;
    if (!address.port.empty()) keywords["port"] = address.port;
    SetTls(address, defaults, keywords);
    servers.each.push_back({NameOf(address), {keywords.begin(), keywords.end()}, limit});
    servers.endpoint += (servers.endpoint.empty() ? "" : ",") + NameOf(address);
  }
  const std::string database =
      options.database.empty() ? Get(defaults, "dbname") : options.database;
  if (!database.empty()) servers.endpoint += '/' + database;
  return servers;
}

}  // namespace offsetstore::postgres
