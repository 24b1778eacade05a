// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "server_facts.h"

#include <utility>

#include "internal/macros.h"
#include "offsetstore/units.h"

namespace offsetstore::redis {
namespace {

/// `HSET` with several fields, which the scripts use.
constexpr std::int64_t kOldestMajor = 4;

Error Refuse(ErrorCode code, std::string_view endpoint, std::string_view why) {
  return MakeError(code, std::string(endpoint) + ": " + std::string(why));
}

Status CheckKind(const ServerFacts& facts, std::string_view endpoint) {
  if (facts.mode == "sentinel") {
    return Refuse(ErrorCode::kUnsupported,
                  endpoint,
                  "this is a Sentinel, which keeps no data and is not supported; name the primary "
                  "itself");
  }
  if (facts.mode == "cluster") {
    return Refuse(
        ErrorCode::kUnsupported,
        endpoint,
        "this is a node of a Redis Cluster, which is not supported; use a single primary");
  }
  if (facts.version.empty()) return {};
  const Result<std::int64_t> major =
      ParseInteger(std::string_view(facts.version).substr(0, facts.version.find('.')));
  if (major && *major < kOldestMajor) {
    return Refuse(ErrorCode::kUnsupported,
                  endpoint,
                  "the server is Redis " + Printable(facts.version) + "; 4.0 or newer is needed");
  }
  return {};
}

bool SyncsAlways(const ServerFacts& facts) {
  return facts.append_only == true && facts.appendfsync == "always" &&
         facts.no_fsync_on_rewrite != "yes";
}

/// The settings that decide cannot all be read.
bool IsUnknown(const ServerFacts& facts) {
  if (!facts.append_only) return true;
  return *facts.append_only && (facts.appendfsync.empty() || facts.no_fsync_on_rewrite.empty());
}

Status CheckRequired(const ServerFacts& facts,
                     const RedisOptions& options,
                     std::string_view endpoint) {
  if (IsAsRequired(facts, options)) return {};
  return Refuse(ErrorCode::kConfigInvalid,
                endpoint,
                "require=aof-always, and the server's settings are not that (" + SettingsOf(facts) +
                    "); " + ToSyncAlways(facts));
}

DurabilityFacts KnownDurability(const ServerFacts& facts) {
  if (facts.append_only == false) {
    return {Durability::kProcess,
            "The server keeps no append-only file: when it ends, commits since its last snapshot "
            "are lost. The death of the application loses none."};
  }
  if (SyncsAlways(facts)) {
    return {Durability::kPowerLoss, "Every commit is synced (appendonly yes, appendfsync always)."};
  }
  if (facts.appendfsync == "no") {
    return {
        Durability::kProcessCrash,
        "Commits are written to the append-only file and never synced (appendfsync no): a crash "
        "of the system may lose half a minute; kill -9 of the server loses none."};
  }
  if (facts.appendfsync == "everysec") {
    return {Durability::kProcess,
            "The append-only file is synced once a second (appendfsync everysec): a crash of the "
            "system may lose two seconds, and kill -9 of the server too where a sync was slow. The "
            "death of the application loses none."};
  }
  return {Durability::kProcessCrash,
          "Every commit is synced except while the append-only file is rewritten (appendfsync "
          "always, no-appendfsync-on-rewrite yes): a crash of the system may then lose the last "
          "ones; kill -9 of the server loses none."};
}

}  // namespace

std::string_view ValueIn(std::string_view info, std::string_view name) {
  const std::string start = '\n' + std::string(name) + ':';
  const std::size_t found = info.find(start);
  if (found == std::string_view::npos) return {};
  const std::string_view rest = info.substr(found + start.size());
  return rest.substr(0, rest.find_first_of("\r\n"));
}

void TakeInfo(std::string_view info, ServerFacts& facts) {
  facts.version = ValueIn(info, "redis_version");
  facts.mode = ValueIn(info, "redis_mode");
  facts.role = ValueIn(info, "role");
  if (const auto host = ValueIn(info, "master_host"); !host.empty()) {
    facts.primary = std::string(host) + ':' + std::string(ValueIn(info, "master_port"));
  }
  facts.policy = ValueIn(info, "maxmemory_policy");
  const Result<std::int64_t> memory = ParseInteger(ValueIn(info, "maxmemory"));
  if (memory && *memory >= 0) facts.most_memory = static_cast<std::uint64_t>(*memory);
  if (const auto aof = ValueIn(info, "aof_enabled"); !aof.empty()) facts.append_only = aof == "1";
}

bool MayEvict(const ServerFacts& facts) {
  return facts.most_memory.value_or(0) > 0 && WouldEvict(facts);
}

bool WouldEvict(const ServerFacts& facts) {
  // With `volatile-...` only keys that expire are dropped, and ours never do.
  return facts.policy.starts_with("allkeys-");
}

bool IsAsRequired(const ServerFacts& facts, const RedisOptions& options) {
  if (!options.require_aof_always || SyncsAlways(facts)) return true;
  return IsUnknown(facts) && options.assume_aof_always;
}

std::string SettingsOf(const ServerFacts& facts) {
  if (IsUnknown(facts)) return "the user may not read them";
  if (facts.append_only == false) return "appendonly no";
  std::string text = "appendonly yes, appendfsync " + facts.appendfsync;
  if (facts.no_fsync_on_rewrite == "yes") text += ", no-appendfsync-on-rewrite yes";
  return text;
}

std::string ToSyncAlways(const ServerFacts& facts) {
  std::string text = "set appendonly yes, appendfsync always and no-appendfsync-on-rewrite no";
  if (IsUnknown(facts)) text += ", and give the user +config|get, or add assume=aof-always";
  return text;
}

Status CheckServer(const ServerFacts& facts,
                   const RedisOptions& options,
                   std::string_view endpoint) {
  OS_RETURN_IF_ERROR(CheckKind(facts, endpoint));
  if (MayEvict(facts) && !options.allow_eviction) {
    return Refuse(ErrorCode::kConfigInvalid,
                  endpoint,
                  "the server may drop our keys when its memory is full (maxmemory-policy " +
                      Printable(facts.policy) +
                      "): positions and claims would vanish; use noeviction or a volatile- policy, "
                      "or say allow-eviction=true");
  }
  return CheckRequired(facts, options, endpoint);
}

DurabilityFacts DurabilityOf(const ServerFacts& facts, const RedisOptions& options) {
  DurabilityFacts result;
  if (!IsUnknown(facts)) {
    result = KnownDurability(facts);
  } else if (options.assume_aof_always) {
    result = {Durability::kPowerLoss,
              "Assumed (assume=aof-always): the user may not read the server's settings."};
  } else {
    result.note =
        "Unknown: the user may not read the server's settings (config get); what a commit survives "
        "is not claimed beyond the life of the server.";
  }
  if (MayEvict(facts)) result.note += " The server may drop our keys when it is full.";
  if (facts.policy.empty()) result.note += " Whether the server may drop our keys is unknown too.";
  if (options.replicas > 0) {
    result.note += " Each write also waits until " + std::to_string(options.replicas) +
                   " replica(s) have it in memory; a failover may still choose another one.";
  }
  return result;
}

}  // namespace offsetstore::redis
