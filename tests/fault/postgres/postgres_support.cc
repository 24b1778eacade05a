// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "postgres_support.h"

#include <stdexcept>

#include "offsetstore/backends/postgres.h"
#include "offsetstore/layers/context.h"

namespace offsetstore::testing {
namespace {

constexpr const char* kAuthority = "://";

}  // namespace

Result<std::unique_ptr<OffsetStore>> TryOpen(const std::string& text, Deadline deadline) {
  const Result<Uri> uri = ParseUri(text);
  if (!uri) return uri.error();
  const Result<PostgresOptions> options = PostgresOptions::FromUri(*uri);
  if (!options) return options.error();
  auto bare = OpenPostgresStore(*options, deadline);
  if (!bare) return bare;
  return WithContext(*std::move(bare));
}

std::unique_ptr<OffsetStore> MustOpen(const std::string& uri) {
  auto opened = TryOpen(uri);
  if (!opened) throw std::runtime_error("open: " + ToString(opened.error()));
  return *std::move(opened);
}

Error OpenError(const std::string& uri, Deadline deadline) {
  auto opened = TryOpen(uri, deadline);
  if (opened) throw std::runtime_error("it opened");
  return opened.error();
}

bool Says(const Error& error, const std::string& words) {
  return error.message.find(words) != std::string::npos;
}

std::string WithUser(const std::string& uri, const std::string& user) {
  const std::size_t start = uri.find(kAuthority) + 3;
  return uri.substr(0, start) + user + uri.substr(uri.find('@'));
}

std::string WithPort(const std::string& uri, std::uint16_t port) {
  const std::size_t colon = uri.find(':', uri.find('@'));
  return uri.substr(0, colon + 1) + std::to_string(port) + uri.substr(uri.find('/', colon));
}

std::string WithDatabase(const std::string& uri, const std::string& database) {
  const std::size_t slash = uri.find('/', uri.find('@'));
  const std::size_t query = uri.find('?');
  return uri.substr(0, slash + 1) + database +
         (query == std::string::npos ? std::string() : uri.substr(query));
}

std::uint16_t ServerPort(const std::string& uri) {
  return static_cast<std::uint16_t>(std::stoul(uri.substr(uri.find(':', uri.find('@')) + 1)));
}

}  // namespace offsetstore::testing
