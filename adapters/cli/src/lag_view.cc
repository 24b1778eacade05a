// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "lag_view.h"

#include <algorithm>

#include "console.h"
#include "group_options.h"
#include "offsetstore/migration/cached_logs.h"
#include "offsetstore/migration/fetch_groups.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

Json RowOf(const std::string& group, const migration::LagRow& row) {
  Json json = {{"group", group},
               {"topic", row.read.at.topic},
               {"partition", row.read.at.partition},
               {"position", PositionJson(row.read.slot)}};
  if (row.log) {
    json["log_start"] = row.log->start.value();
    json["log_end"] = row.log->end.value();
  }
  if (row.lag) json["lag"] = *row.lag;
  if (!row.note.empty()) json["note"] = row.note;
  if (row.error) json["error"] = ToString(*row.error);
  return json;
}

bool HasError(const std::pair<std::string, migration::LagRow>& row) {
  return row.second.error.has_value();
}

}  // namespace

std::size_t LagLook::Unreadable() const {
  return failed.size() +
         static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), HasError));
}

LagLook LookAtLag(OffsetStore& store,
                  migration::LogView& logs,
                  const std::vector<std::string>& groups,
                  const Selection& selection,
                  LagOrder order,
                  Duration timeout) {
  LagLook look;
  migration::CachedLogs cached(logs);
  auto answers = migration::FetchGroups(store, groups, selection, kGroupsAtATime, timeout);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!answers[i]) {
      look.failed.emplace_back(groups[i], answers[i].error());
      continue;
    }
    for (migration::LagRow& row :
         migration::LagOf(*std::move(answers[i]), cached, Deadline::After(timeout))) {
      look.rows.emplace_back(groups[i], std::move(row));
    }
  }
  if (order == LagOrder::kLag) {
    std::stable_sort(look.rows.begin(), look.rows.end(), [](const auto& a, const auto& b) {
      return migration::LagsMore(a.second, b.second);
    });
  }
  return look;
}

Report LagReport(const LagLook& look) {
  Report report;
  report.rows_name = "partitions";
  report.columns = {
      "group", "topic", "partition", "position", "log_start", "log_end", "lag", "note", "error"};
  for (const auto& [group, row] : look.rows) report.rows.push_back(RowOf(group, row));
  for (const auto& [group, error] : look.failed) {
    report.rows.push_back({{"group", group}, {"error", ToString(error)}});
  }
  return report;
}

ExitCode LagCode(const LagLook& look) {
  const std::size_t unreadable = look.Unreadable();
  if (unreadable == 0) return ExitCode::kDone;
  const std::size_t all = look.rows.size() + look.failed.size();
  Complain(std::to_string(unreadable) + " of " + std::to_string(all) +
           " rows could not be read; the column 'error' says why");
  if (unreadable < all) return ExitCode::kPartly;
  if (!look.failed.empty()) return ExitCodeOf(look.failed.front().second);
  return ExitCodeOf(*look.rows.front().second.error);
}

}  // namespace offsetstore::cli
