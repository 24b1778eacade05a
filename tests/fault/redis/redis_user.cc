// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "redis_user.h"

#include "offsetstore/types.h"
#include "redis_support.h"

namespace offsetstore::testing {

RedisUser::RedisUser(const RedisOptions& options)
    : client_(SharedPort()), name_("user-" + Nonce::Random().Hex()) {
  const std::string password = std::string(">") + kPassword;
  Give({"on", password, "~" + options.prefix + "*"});
  Give({"-@all",
        "+get",
        "+set",
        "+hget",
        "+hmget",
        "+hgetall",
        "+hset",
        "+zadd",
        "+zrem",
        "+type",
        "+zrangebylex",
        "+eval",
        "+evalsha"});
}

RedisUser::~RedisUser() {
  static_cast<void>(client_.ErrorOf({"ACL", "DELUSER", name_}));
}

void RedisUser::Give(std::initializer_list<std::string_view> rules) {
  for (const std::string_view rule : rules) client_.Do({"ACL", "SETUSER", name_, rule});
}

RedisOptions RedisUser::As(RedisOptions options) const {
  options.user = name_;
  options.password = kPassword;
  return options;
}

}  // namespace offsetstore::testing
