// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "durability.h"

#include <string>
#include <vector>

#include "postgres_error.h"
#include "rows.h"

namespace offsetstore::postgres {
namespace {

struct Settings {
  std::string fsync;
  std::string full_page_writes;
  std::string commit;
  std::string standbys;
  bool standby = false;
};

void Describe(const Settings& now, StoreInfo& info) {
  const std::string read = "fsync=" + now.fsync + ", full_page_writes=" + now.full_page_writes +
                           ", synchronous_commit=" + now.commit + " when the store was opened";
  if (now.fsync != "on" || now.full_page_writes != "on") {
    info.durability = Durability::kProcessCrash;
    info.durability_note =
        "A crash of the server's system may lose everything, not only the last commits (" + read +
        ").";
  } else if (now.commit == "off") {
    info.durability = Durability::kProcessCrash;
    info.durability_note =
        "A crash of the server may take the last commits back, together and never torn; claims are "
        "synced all the same (" +
        read + ").";
  } else if (!now.standbys.empty() && (now.commit == "on" || now.commit == "remote_apply")) {
    info.durability = Durability::kReplicaLoss;
    info.durability_note = "Every commit is synced here and by a standby (" + read +
                           ", synchronous_standby_names is set); a commit that a standby did not "
                           "confirm in time is said to be below durability.";
  } else {
    info.durability = Durability::kPowerLoss;
    info.durability_note = "Every commit is synced (" + read +
                           "); a failover to an asynchronous "
                           "standby may take the last ones back.";
  }
  if (now.standby) info.durability_note += " This server is a standby and takes no writes.";
}

}  // namespace

Status DescribeDurability(Connection& connection, Deadline deadline, StoreInfo& info) {
  const Statement ask{"",
                      "SELECT current_setting('fsync'), current_setting('full_page_writes'),"
                      " current_setting('synchronous_commit'),"
                      " current_setting('synchronous_standby_names'), pg_is_in_recovery()",
                      {}};
  const std::vector<Command> commands = {Command::Run(ask), Command::Sync()};
  const Replies replies = connection.Run(commands, false, deadline);
  if (replies.results.empty()) return *replies.cut;
  const PGresult* result = replies.results.front().get();
  if (PQresultStatus(result) != PGRES_TUPLES_OK) return PostgresError(result, "read the settings");
  const auto text = [result](int column) { return std::string(BytesAt(result, 0, column)); };
  Describe({text(0), text(1), text(2), text(3), IntegerAt(result, 0, 4) != 0}, info);
  return {};
}

}  // namespace offsetstore::postgres
