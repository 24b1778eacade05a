// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "redis_support.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "offsetstore/layers/context.h"
#include "redis_client.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {

RedisOptions At(std::uint16_t port) {
  RedisOptions options;
  options.port = port;
  return options;
}

std::uint16_t SharedPort() {
  return PortOf(RedisUri());
}

RedisOptions AtShared() {
  RedisOptions options = At(SharedPort());
  options.prefix = "f-" + Nonce::Random().Hex() + ':';
  return options;
}

RedisOptions OptionsOf(std::string_view text) {
  const auto uri = ParseUri(text);
  if (!uri) throw std::runtime_error(ToString(uri.error()));
  const auto options = RedisOptions::FromUri(*uri);
  if (!options) throw std::runtime_error(ToString(options.error()));
  return *options;
}

std::unique_ptr<OffsetStore> MustOpen(const RedisOptions& options) {
  auto bare = OpenRedisStore(options, Soon());
  if (!bare) throw std::runtime_error(ToString(bare.error()));
  return WithContext(*std::move(bare));
}

Error OpenError(const RedisOptions& options, Duration bound) {
  const auto bare = OpenRedisStore(options, Deadline::After(bound));
  if (bare) throw std::runtime_error("the store opens, and should not");
  return bare.error();
}

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Answer CommitIn(OffsetStore& store, std::string_view group, const Move& move, Duration bound) {
  const std::vector<Move> moves = {move};
  auto outcomes = store.Commit(group, moves, Member(), Atomicity::kEach, Deadline::After(bound));
  if (outcomes) return {outcomes->front()};
  Answer answer;
  answer.error = outcomes.error();
  return answer;
}

ClaimResult ClaimIn(OffsetStore& store,
                    std::string_view group,
                    const ClaimRequest& request,
                    Duration bound) {
  const std::vector<ClaimRequest> requests = {request};
  auto answers = store.Claim(group, requests, Member(), Deadline::After(bound));
  if (answers) return {answers->front()};
  ClaimResult result;
  result.outcome.error = answers.error();
  return result;
}

std::string KeyOf(const RedisOptions& options, std::string_view group) {
  return options.prefix + '{' + std::string(group) + '}';
}

std::string FieldOf(const TopicPartition& at) {
  return at.topic + '/' + std::to_string(at.partition);
}

}  // namespace offsetstore::testing
