// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "into/into_uri.h"

#include <algorithm>
#include <array>
#include <utility>

#include "consume_config.h"
#include "internal/macros.h"

namespace offsetstore::cli {
namespace {

constexpr std::string_view kStoreKey = "offsetstore.uri";
constexpr std::string_view kDeliveryKey = "offsetstore.delivery";
constexpr std::string_view kOnErrorKey = "offsetstore.on.error";
constexpr std::string_view kExactlyOnce = "exactly-once";
constexpr std::string_view kTableKey = "table";

/// One name for the two that mean the same.
std::string_view Kind(const Uri& uri) {
  return uri.scheme == "postgres" ? std::string_view("postgresql") : uri.scheme;
}

std::string WithoutTable(std::string_view text) {
  const std::size_t question = std::min(text.find('?'), text.size());
  std::string out(text.substr(0, question));
  char separator = '?';
  std::string_view rest = text.substr(std::min(question + 1, text.size()));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part.substr(0, part.find('=')) == kTableKey) continue;
    out += std::exchange(separator, '&');
    out += part;
  }
  return out;
}

Error Refused(const IntoUri& into, const std::string& why) {
  return MakeError(ErrorCode::kInvalidArgument, "--into " + Redacted(into.store) + ": " + why);
}

Error Refused(const Properties& properties, const Property& property, const std::string& why) {
  return MakeError(ErrorCode::kConfigInvalid,
                   properties.Where(property) + ": " + property.key + '=' +
                       Redacted(property.value) + ": " + why);
}

}  // namespace

bool IsDatabase(std::string_view into) noexcept {
  const std::size_t slashes = into.find("://");
  if (slashes == std::string_view::npos || slashes == 0) return false;
  return std::ranges::all_of(into.substr(0, slashes), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  });
}

Result<IntoUri> ParseInto(const std::string& text) {
  IntoUri into;
  OS_ASSIGN_OR_RETURN(into.uri, ParseUri(text));
  into.store = WithoutTable(text);
  into.positions = into.store;
  if (const std::string_view kind = Kind(into.uri); kind != "sqlite" && kind != "postgresql") {
    return Refused(into,
                   "records go into a table of SQLite (sqlite:///PATH?table=T) or PostgreSQL "
                   "(postgresql://HOST/DB?table=T), or into a file, which is named by its path");
  }
  const auto table = into.uri.query.find(kTableKey);
  if (table == into.uri.query.end() || table->second.empty()) {
    return Refused(into, "which table? Write ...?table=NAME; it is made where it is not there");
  }
  into.table = table->second;
  into.uri.query.erase(table);
  return into;
}

Result<Properties> WithInto(Properties properties, IntoUri& into) {
  if (const Property* delivery = properties.Find(kDeliveryKey); delivery == nullptr) {
    Override(properties, std::string(kDeliveryKey), std::string(kExactlyOnce));
  } else if (delivery->value != kExactlyOnce) {
    return Refused(properties,
                   *delivery,
                   "--into a database is exactly-once; leave this key out, or write to a file");
  }
  // A database that goes away while rows are written is waited for, as it is at any other moment.
  if (properties.Find(kOnErrorKey) == nullptr) {
    Override(properties, std::string(kOnErrorKey), "retry");
  }
  if (const Property* store = properties.Find(kStoreKey)) {
    const Result<Uri> uri = ParseUri(store->value);
    // One that cannot be read is told by whoever opens it.
    if (uri && Kind(*uri) != Kind(into.uri)) return OtherDatabase(properties, into);
    into.positions = store->value;
    return properties;
  }
  const bool dual = std::ranges::any_of(properties.entries, [](const Property& property) {
    return property.key.starts_with("offsetstore.dual.");
  });
  if (!dual) Override(properties, std::string(kStoreKey), into.store);
  return properties;
}

Error OtherDatabase(const Properties& properties, const IntoUri& into) {
  const Property* store = properties.Find(kStoreKey);
  if (store == nullptr) return Refused(into, "positions are not kept in this database");
  return Refused(properties,
                 *store,
                 "that is not the database of --into, so that no transaction could hold a record "
                 "and its position; leave this key out, or write offsetstore.uri=" +
                     Redacted(into.store));
}

}  // namespace offsetstore::cli
