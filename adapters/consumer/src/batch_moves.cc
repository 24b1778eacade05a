// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <utility>

#include "batch_work.h"

namespace offsetstore {
namespace {

struct Part {
  const Ticket* last = nullptr;
  std::size_t count = 0;
};

TopicPartition At(const KafkaRecord& record) {
  return {std::string(record.topic()), record.partition()};
}

void DropUnheld(std::vector<KafkaRecord>& batch) {
  std::erase_if(batch, [](const KafkaRecord& record) { return !record.Held(); });
}

}  // namespace

Status BatchMoves::Plan(std::vector<KafkaRecord>& batch) {
  DropUnheld(batch);
  std::map<TopicPartition, Part> parts;
  for (const KafkaRecord& record : batch) {
    Part& part = parts[At(record)];
    part.last = &record.ticket();
    ++part.count;
  }
  std::vector<TopicPartition> gone;
  for (const auto& [at, part] : parts) {
    Result<Move> move = session_.NextMove(at, *part.last, part.count);
    if (move) {
      moves_.push_back(*std::move(move));
    } else if (move.error().code == ErrorCode::kFenced) {
      gone.push_back(at);
    } else {
      Refused(batch, move.error());
      return std::move(move).error();
    }
  }
  for (const TopicPartition& at : gone) {
    std::erase_if(batch, [&at](const KafkaRecord& record) { return At(record) == at; });
  }
  return {};
}

void BatchMoves::Applied(std::vector<KafkaRecord>& batch) {
  for (KafkaRecord& record : batch) record.Done();
  for (const Move& move : moves_) session_.Moved(move);
}

void BatchMoves::Refused(std::vector<KafkaRecord>& batch, const Error& why) {
  for (const Move& move : moves_) session_.RolledBack(move, why);
  batch.clear();
}

}  // namespace offsetstore
