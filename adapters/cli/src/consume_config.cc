// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "consume_config.h"

#include <utility>

namespace offsetstore::cli {

void Override(Properties& properties, std::string key, std::string value) {
  std::erase_if(properties.entries, [&](const Property& entry) { return entry.key == key; });
  properties.entries.push_back({std::move(key), std::move(value), 0});
}

Result<Properties> WithOverrides(Properties properties,
                                 const std::vector<std::string>& settings,
                                 const std::vector<std::string>& topics) {
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == 0 || equals == std::string::npos) {
      // The value is not shown: it may be a secret whose '=' was forgotten.
      return MakeError(ErrorCode::kInvalidArgument,
                       "--set takes key=value, such as --set auto.offset.reset=earliest");
    }
    Override(properties, setting.substr(0, equals), setting.substr(equals + 1));
  }
  std::string joined;
  for (const std::string& topic : topics) joined += (joined.empty() ? "" : ",") + topic;
  if (!topics.empty()) Override(properties, "topics", std::move(joined));
  return properties;
}

Status CheckAtLeastOnce(const Properties& properties) {
  const Property* delivery = properties.Find("offsetstore.delivery");
  if (delivery == nullptr || delivery->value == "at-least-once") return {};
  return MakeError(ErrorCode::kConfigInvalid,
                   properties.Where(*delivery) +
                       ": offsetstore.delivery=" + Printable(delivery->value) +
                       ": text is printed and appended at least once; leave this key out, or write "
                       "exactly once into a table: --into 'sqlite:///PATH?table=T'");
}

}  // namespace offsetstore::cli
