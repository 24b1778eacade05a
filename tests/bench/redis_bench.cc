// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <hiredis/hiredis.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "offsetstore/uri.h"
#include "redis/src/scripts.h"
#include "stores.h"

namespace offsetstore::bench {
namespace {

constexpr const char* kServer = "OFFSETSTORE_TEST_REDIS";

OffsetStore& Store() {
  static const std::unique_ptr<OffsetStore> store = Open(ServerOf(kServer));
  return *store;
}

std::string Padded(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "%019llu", static_cast<unsigned long long>(value));
  return text;
}

using Reply = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;

class Connection {
 public:
  Connection() {
    const auto uri = ParseUri(ServerOf(kServer));
    Require(uri && uri->hosts.size() == 1 && uri->hosts.front().port, "the server's URI");
    context_ = redisConnect(uri->hosts.front().name.c_str(), *uri->hosts.front().port);
    Require(context_ != nullptr && context_->err == 0, "connect");
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { redisFree(context_); }

  void Send(const std::vector<std::string>& words) {
    pointers_.resize(words.size());
    lengths_.resize(words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
      pointers_[i] = words[i].data();
      lengths_[i] = words[i].size();
    }
    redisAppendCommandArgv(
        context_, static_cast<int>(words.size()), pointers_.data(), lengths_.data());
  }
  Reply Receive() {
    void* reply = nullptr;
    Require(redisGetReply(context_, &reply) == REDIS_OK, "reply");
    return {static_cast<redisReply*>(reply), &freeReplyObject};
  }
  std::string Text(const std::vector<std::string>& words) {
    Send(words);
    const Reply reply = Receive();
    Require(reply->str != nullptr && reply->type != REDIS_REPLY_ERROR, words.front());
    return {reply->str, reply->len};
  }

 private:
  redisContext* context_ = nullptr;
  std::vector<const char*> pointers_;
  std::vector<std::size_t> lengths_;
};

/// The words of one script call, of which positions and time change from call to call.
class ByHand {
 public:
  explicit ByHand(int count) {
    const std::string group = "raw-" + std::to_string(count);
    const Held held = Started(Store(), group, count);
    position_ = held.moves.front().to.value();
    words_ = {
        "EVALSHA",
        connection_.Text({"SCRIPT", "LOAD", std::string(redis::TextOf(redis::Script::kCommit))}),
        "3",
        "offsetstore:{" + group + "}",
        "offsetstore:groups",
        "offsetstore:meta",
        connection_.Text({"GET", "offsetstore:meta"}),
        "each",
        group,
        "",
        "member%20localhost%20%28host%20localhost%2C%20pid%2012345%29",
        ""};
    first_ = words_.size();
    for (const Move& move : held.moves) {
      for (std::string word :
           {"t/" + std::to_string(move.at.partition),
            "held " + Padded(move.claim->counter) + ' ' + move.claim->nonce.Hex() + ' ',
            std::string("a"),
            std::string(),
            std::string("-"),
            std::string("%"),
            std::string("%"),
            std::string()}) {
        words_.push_back(std::move(word));
      }
    }
  }

  void CommitNext() {
    const std::string position = Padded(static_cast<std::uint64_t>(++position_));
    words_[first_ - 1] = std::to_string(Now().time_since_epoch().count());
    for (std::size_t i = first_ + 3; i < words_.size(); i += redis::kCommitWords) {
      words_[i] = position;
    }
    connection_.Send(words_);
    const Reply reply = connection_.Receive();
    Require(reply->type == REDIS_REPLY_ARRAY, "commit");
    for (std::size_t i = 0; i < reply->elements; ++i) {
      Require(reply->element[i]->integer == 1, "commit");
    }
  }

 private:
  Connection connection_;
  std::vector<std::string> words_;
  std::size_t first_ = 0;  // word of the first partition
  std::int64_t position_ = 0;
};

/// What a user keeps of a position.
struct Copied {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t position = 0;
  std::string claim;
  std::string entry;
  std::string metadata;
};

Copied ToCopied(std::string_view field, std::string_view value) {
  Copied kept;
  const std::size_t slash = field.rfind('/');
  kept.topic = field.substr(0, slash);
  std::from_chars(field.data() + slash + 1, field.data() + field.size(), kept.partition);
  const std::size_t first = value.find('\n');
  const std::size_t second = value.find('\n', first + 1);
  kept.claim = value.substr(0, first);
  kept.entry = value.substr(first + 1, second - first - 1);
  kept.metadata = value.substr(second + 1);
  std::from_chars(kept.entry.data(), kept.entry.data() + kept.entry.size(), kept.position);
  return kept;
}

void RawFetch(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  const Held& held = ToRead(Store(), count);
  Connection connection;
  for (auto _ : state) {
    connection.Send({"HGETALL", "offsetstore:{" + held.group + "}"});
    connection.Send({"GET", "offsetstore:meta"});
    const Reply all = connection.Receive();
    const Reply meta = connection.Receive();
    std::vector<Copied> kept;
    for (std::size_t i = 0; i + 1 < all->elements; i += 2) {
      const redisReply* field = all->element[i];
      const redisReply* value = all->element[i + 1];
      if (field->len == 1 && field->str[0] == '#') continue;
      kept.push_back(ToCopied({field->str, field->len}, {value->str, value->len}));
    }
    Require(kept.size() == static_cast<std::size_t>(count), "fetch");
    benchmark::DoNotOptimize(kept.data());
  }
  state.SetItemsProcessed(state.iterations() * count);
}

void OurFetch(benchmark::State& state) {
  FetchLoop(state, Store(), false);
}

constexpr const char* kByHand = "hiredis: one `EVALSHA` of the same script with the same words";
const PairOf kOne(Commits<ByHand, Store>("redis: commit of 1", 1, kByHand, kServer));
const PairOf kThousand(Commits<ByHand, Store>("redis: commit of 1,000", 1000, kByHand, kServer));
const PairOf kFetch({.name = "redis: fetch all of 10,000",
                     .items = "positions",
                     .raw_does = "hiredis: `HGETALL` and `GET` of the store's key in one round "
                                 "trip, each value split into position, claim, entry and metadata",
                     .raw = RawFetch,
                     .ours = OurFetch,
                     .argument = 10'000,
                     .server = kServer});

}  // namespace
}  // namespace offsetstore::bench
