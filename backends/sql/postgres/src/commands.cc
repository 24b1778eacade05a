// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "commands.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "shared/row.h"

namespace offsetstore::postgres {
namespace {

/// An array with one element for each of `items`, which `add` adds.
template <class Items, class Add>
ArrayBuilder Column(Oid element, const Items& items, Add add) {
  ArrayBuilder array(element, items.size());
  for (const auto& item : items) add(array, item);
  return array;
}

using Moves = std::span<const Move* const>;

/// The parameters up to the target, which both statements over moves begin with.
Parameters TargetParameters(const Scope& scope, Moves moves, std::string_view writer) {
  Parameters parameters;
  parameters.Text(scope.space)
      .Text(scope.group)
      .Array(Column(kText, moves, [](auto& to, const Move* m) { to.Bytes(m->at.topic); }))
      .Array(Column(kInt4, moves, [](auto& to, const Move* m) { to.Int4(m->at.partition); }))
      .Int8(Now().time_since_epoch().count())
      .Text(writer)
      .Array(Column(kInt8, moves, [](auto& to, const Move* m) { to.Int8(m->to.value()); }))
      .Array(Column(kInt4, moves, [](auto& to, const Move* m) { to.Int4OrNull(m->leader_epoch); }))
      .Array(Column(kText, moves, [](auto& to, const Move* m) { to.BytesOrNull(m->topic_id); }))
      .Array(Column(kText, moves, [](auto& to, const Move* m) { to.BytesOrNull(m->cluster_id); }))
      .Array(Column(kBytea, moves, [](auto& to, const Move* m) { to.BytesOrNull(m->metadata); }));
  return parameters;
}

std::optional<std::int64_t> FromPosition(const Move& move) {
  if (!move.from) return std::nullopt;
  const auto* position = std::get_if<Position>(&*move.from);
  return position == nullptr ? std::nullopt : std::optional(position->value());
}

struct KeyedRow {
  const TopicPartition* at;
  sql::Row row;
};

}  // namespace

Command KeyedCommand(const Statement& statement, const Scope& scope, const Keys& keys) {
  Parameters parameters;
  parameters.Text(scope.space)
      .Text(scope.group)
      .Array(Column(kText, keys, [](auto& to, const auto* at) { to.Bytes(at->topic); }))
      .Array(Column(kInt4, keys, [](auto& to, const auto* at) { to.Int4(at->partition); }));
  return Command::Run(statement, std::move(parameters));
}

Command InsertAbsentCommand(const Statement& statement,
                            const Scope& scope,
                            Moves moves,
                            std::string_view writer) {
  return Command::Run(statement, TargetParameters(scope, moves, writer));
}

Command AdvanceCommand(const Statement& statement,
                       const Scope& scope,
                       Moves moves,
                       std::string_view writer) {
  Parameters parameters = TargetParameters(scope, moves, writer);
  parameters
      .Array(Column(
          kInt8,
          moves,
          [](auto& to, const Move* m) { to.Int8(static_cast<std::int64_t>(m->claim->counter)); }))
      .Array(Column(kText, moves, [](auto& to, const Move* m) { to.Bytes(m->claim->nonce.Hex()); }))
      .Array(Column(kBool, moves, [](auto& to, const Move* m) { to.Bool(!m->from.has_value()); }))
      .Array(
          Column(kInt8, moves, [](auto& to, const Move* m) { to.Int8OrNull(FromPosition(*m)); }));
  return Command::Run(statement, std::move(parameters));
}

Command WriteCommand(const Statement& statement,
                     const Scope& scope,
                     std::span<const Change> changes) {
  std::vector<KeyedRow> rows;
  rows.reserve(changes.size());
  for (const Change& change : changes) rows.push_back({change.at, sql::ToRow(*change.record)});
  const auto integers = [&rows](auto member) {
    return Column(
        kInt8, rows, [member](auto& to, const KeyedRow& r) { to.Int8OrNull(r.row.*member); });
  };
  const auto texts = [&rows](auto member, Oid type = kText) {
    return Column(
        type, rows, [member](auto& to, const KeyedRow& r) { to.BytesOrNull(r.row.*member); });
  };
  const auto flags = [&rows](auto member) {
    return Column(kInt4, rows, [member](auto& to, const KeyedRow& r) {
      to.Int4(static_cast<std::int32_t>(r.row.*member));
    });
  };
  Parameters parameters;
  parameters.Text(scope.space)
      .Text(scope.group)
      .Array(Column(kText, rows, [](auto& to, const KeyedRow& r) { to.Bytes(r.at->topic); }))
      .Array(Column(kInt4, rows, [](auto& to, const KeyedRow& r) { to.Int4(r.at->partition); }))
      .Array(integers(&sql::Row::position))
      .Array(integers(&sql::Row::leader_epoch))
      .Array(texts(&sql::Row::topic_id))
      .Array(texts(&sql::Row::cluster_id))
      .Array(texts(&sql::Row::metadata, kBytea))
      .Array(integers(&sql::Row::commit_time))
      .Array(texts(&sql::Row::writer))
      .Array(integers(&sql::Row::counter))
      .Array(texts(&sql::Row::nonce))
      .Array(texts(&sql::Row::owner))
      .Array(integers(&sql::Row::since))
      .Array(flags(&sql::Row::released))
      .Array(flags(&sql::Row::removed));
  return Command::Run(statement, std::move(parameters));
}

}  // namespace offsetstore::postgres
