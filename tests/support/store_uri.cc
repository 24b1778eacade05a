// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "store_uri.h"

#include <cctype>
#include <cstdlib>
#include <stdexcept>

#include "offsetstore/types.h"
#include "skip.h"

namespace offsetstore::testing {

bool HasServer(const std::string& store) {
  return store == "postgres" || store == "redis" || store == "zookeeper";
}

std::string SharedServer(const std::string& store) {
  std::string variable = "OFFSETSTORE_TEST_";
  for (const char c : store) {
    variable += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  const char* address = std::getenv(variable.c_str());
  if (address != nullptr && *address != '\0') return address;
  Skip(variable + " is not set; tests/services/" + store + ".sh start DIR starts one");
}

std::string FreshUri(const std::string& store, const std::string& server) {
  const std::string name = "t_" + Nonce::Random().Hex();
  if (store == "postgres") return server + "?table=" + name;
  if (store == "redis") return server + "?prefix=" + name + ':';
  if (store == "zookeeper") return server + '/' + name + "?create=true";
  throw std::invalid_argument("no server keeps the store " + store);
}

std::string FreshUri(const std::string& store, const std::filesystem::path& folder) {
  if (store == "kafka") return "kafka:";
  if (HasServer(store)) return FreshUri(store, SharedServer(store));
  return store + "://" + (folder / ("store." + store)).string();
}

}  // namespace offsetstore::testing
