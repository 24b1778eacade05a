// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "examine.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "command.h"
#include "examine_index.h"
#include "internal/macros.h"
#include "link.h"
#include "names.h"
#include "offsetstore/units.h"

namespace offsetstore::redis {
namespace {

// What docs/backends/redis.md lists, asked of the server on keys like ours: a script runs as the
// user who sends it, and `acl_check_cmd` (Redis 7) runs nothing. Answers with what may not be done;
// those that can be done without come as a second list.
constexpr std::string_view kAskRights = R"lua(
local check = redis.acl_check_cmd
if not check then return 'cannot tell' end
local hash, index, meta = KEYS[1], KEYS[2], KEYS[3]
local function missing(commands)
  local names = {}
  for _, command in ipairs(commands) do
    local known, may = pcall(check, unpack(command))
    if not known or not may then names[#names + 1] = string.lower(command[1]) end
  end
  return names
end
local needed = {
  {'GET', meta}, {'SET', meta, 'x', 'NX'}, {'HGET', hash, '#'}, {'HMGET', hash, 'f'},
  {'HGETALL', hash}, {'HSET', hash, 'f', 'x'}, {'ZADD', index, '0', 'x'}, {'ZREM', index, 'x'},
  {'TYPE', index}, {'ZRANGEBYLEX', index, '-', '+'}, {'EVALSHA', 'x', '1', hash}}
if ARGV[1] ~= '0' then needed[#needed + 1] = {'WAIT', '1', '1'} end
return {missing(needed), missing({{'SCRIPT', 'LOAD', 'x'}})}
)lua";

struct Asked {
  Reply rights;
  Reply info;
};

Result<Asked> Ask(Link& link, const RedisOptions& options, Deadline deadline) {
  const KeyNames names(options.prefix, options.space);
  const std::vector<Command> commands = {Command{"EVAL",
                                                 kAskRights,
                                                 "3",
                                                 names.Hash("doctor"),
                                                 names.index(),
                                                 names.meta(),
                                                 std::to_string(options.replicas)},
                                         Command{"INFO"}};
  Replies got = link.connection->Run(commands, Risk::kNone, deadline);
  if (got.cut) return *std::move(got.cut);
  return Asked{std::move(got.replies[0]), std::move(got.replies[1])};
}

std::string Joined(const redisReply& list, std::string_view before) {
  std::string joined;
  for (const redisReply* word : ElementsOf(list)) {
    joined += (joined.empty() ? "" : " ") + std::string(before) + std::string(TextOf(*word));
  }
  return joined;
}

Finding RightsFinding(Grade grade, std::string detail, std::string advice = {}) {
  return {std::string(kRightsCheck), grade, std::move(detail), std::move(advice)};
}

/// The least that a store needs, as docs/backends/redis.md lists it.
std::string LeastRights(const RedisOptions& options) {
  std::string rights =
      "+get +set +hget +hmget +hgetall +hset +zadd +zrem +type +zrangebylex +eval +evalsha";
  if (options.database != 0) rights += " +select";
  if (options.replicas > 0) rights += " +wait";
  return rights;
}

std::string UserOf(const RedisOptions& options) {
  return options.user.empty() ? "default" : Printable(options.user);
}

/// Begins the rule that gives the user what lacks.
std::string RuleFor(const RedisOptions& options) {
  return "ACL SETUSER " + UserOf(options) + " ~" + options.prefix + "* ";
}

/// Adds to an error of opening what a user must be able to do, where a right lacks.
Error WithLeastRights(Error error, const RedisOptions& options) {
  if (error.message.find("NOPERM") == std::string::npos) return error;
  error.message += "; the least that is needed: " + RuleFor(options) + LeastRights(options);
  return error;
}

Finding RightsOf(const redisReply& reply, const RedisOptions& options, const ServerFacts& facts) {
  const std::string user = UserOf(options);
  const std::string rule = RuleFor(options);
  if (IsError(reply)) {
    return RightsFinding(Grade::kFailed,
                         "user " + user + " may not run scripts: " + Printable(TextOf(reply)),
                         rule + LeastRights(options));
  }
  const auto lists = ElementsOf(reply);
  if (lists.size() != 2) {
    return RightsFinding(Grade::kUnknown,
                         "the server does not tell what a user may do (" +
                             (facts.version.empty() ? "unknown version" : facts.version) +
                             "; Redis 7 does)");
  }
  if (const std::string missing = Joined(*lists[0], ""); !missing.empty()) {
    return RightsFinding(
        Grade::kFailed,
        "user " + user + " may not: " + missing + " on keys " + options.prefix + "*",
        rule + Joined(*lists[0], "+"));
  }
  std::string detail = "user " + user + " may do all that a store needs";
  if (!ElementsOf(*lists[1]).empty()) {
    detail += "; each commit carries its script's text, which +script|load would save";
  }
  return RightsFinding(Grade::kOk, std::move(detail));
}

Finding Eviction(const ServerFacts& facts, const RedisOptions& options) {
  if (facts.policy.empty()) {
    return {"eviction",
            Grade::kUnknown,
            "the user may not read the server's settings (info)",
            "give the user +info +config|get"};
  }
  const std::string policy = Printable(facts.policy);
  if (MayEvict(facts)) {
    return {"eviction",
            options.allow_eviction ? Grade::kWarning : Grade::kFailed,
            "the server drops keys when it is full (" + policy + "): positions and claims would " +
                (options.allow_eviction ? "vanish (allow-eviction=true)"
                                        : "vanish, so no consumer opens a store here"),
            "maxmemory-policy noeviction, or a volatile- policy"};
  }
  if (WouldEvict(facts)) {
    return {"eviction",
            Grade::kWarning,
            "with maxmemory the server would drop keys when it is full (" + policy +
                "); it has no maxmemory now",
            "maxmemory-policy noeviction, before somebody sets maxmemory"};
  }
  return {"eviction", Grade::kOk, "no key of ours is dropped (" + policy + ")", {}};
}

void AddRequired(const ServerFacts& facts,
                 const RedisOptions& options,
                 std::vector<Finding>& findings) {
  if (IsAsRequired(facts, options)) return;
  findings.push_back({"require",
                      Grade::kFailed,
                      "require=aof-always, and the server's settings are not that (" +
                          SettingsOf(facts) + "), so no consumer opens a store here",
                      ToSyncAlways(facts)});
}

Finding Primary(const ServerFacts& facts) {
  if (IsReplica(facts)) {
    return {"primary",
            Grade::kFailed,
            "this server is a replica of " + Printable(facts.primary) + " and takes no writes",
            "name the primary"};
  }
  if (facts.role.empty()) return {"primary", Grade::kUnknown, "the user may not ask (info)", {}};
  return {"primary", Grade::kOk, "the server is a primary", {}};
}

void AddMemory(std::string_view info, std::vector<Finding>& findings) {
  constexpr std::int64_t kFull = 90;
  const Result<std::int64_t> used = ParseInteger(ValueIn(info, "used_memory"));
  const Result<std::int64_t> most = ParseInteger(ValueIn(info, "maxmemory"));
  if (!used || !most || *most == 0 || *used / kFull < *most / 100) return;
  findings.push_back({"memory",
                      Grade::kWarning,
                      std::to_string(*used >> 20U) + " MiB of maxmemory's " +
                          std::to_string(*most >> 20U) + " MiB are used",
                      "raise maxmemory: commits are refused (OOM) when it is full"});
}

/// A server that could not write lately refuses commits, or will.
void AddDisk(std::string_view info, std::vector<Finding>& findings) {
  for (const std::string_view name :
       {"aof_last_write_status", "aof_last_bgrewrite_status", "rdb_last_bgsave_status"}) {
    const std::string_view status = ValueIn(info, name);
    if (status.empty() || status == "ok") continue;
    findings.push_back({"disk",
                        Grade::kWarning,
                        std::string(name) + " is " + Printable(status),
                        "see the server's log: its disk is full or failing"});
  }
}

void AddReplicas(std::string_view info,
                 const RedisOptions& options,
                 std::vector<Finding>& findings) {
  const Result<std::int64_t> connected = ParseInteger(ValueIn(info, "connected_slaves"));
  if (options.replicas == 0 || !connected) return;
  const auto wanted = static_cast<std::int64_t>(options.replicas);
  Finding finding{"replicas",
                  Grade::kOk,
                  std::to_string(*connected) + " connected, replicas=" + std::to_string(wanted),
                  {}};
  if (*connected < wanted) {
    finding.grade = Grade::kWarning;
    finding.advice =
        "bring them back: each commit waits replicas-timeout and is then below "
        "durability";
  }
  findings.push_back(std::move(finding));
}

}  // namespace

Result<Examination> ExamineRedisStore(const RedisOptions& options, Deadline deadline) {
  RedisOptions looking = options;
  looking.create = false;
  // What opening refuses is a finding here, beside all others.
  looking.allow_eviction = true;
  looking.require_aof_always = false;
  auto store = OpenRedisStore(looking, deadline);
  if (!store) return WithLeastRights(std::move(store).error(), options);
  Examination examination{(*store)->Info(), {}};
  OS_RETURN_IF_ERROR((*store)->Close(deadline));
  OS_ASSIGN_OR_RETURN(const std::unique_ptr<Link> link, MakeLink(looking, deadline));
  OS_ASSIGN_OR_RETURN(const Asked asked, Ask(*link, looking, deadline));
  const std::string version =
      link->facts.version.empty() ? "unknown version" : Printable(link->facts.version);
  auto& findings = examination.findings;
  findings.push_back({std::string(kVersionCheck),
                      link->facts.version.empty() ? Grade::kUnknown : Grade::kOk,
                      "Redis " + version,
                      {}});
  findings.push_back(RightsOf(*asked.rights, looking, link->facts));
  findings.push_back(Primary(link->facts));
  findings.push_back(Eviction(link->facts, options));
  AddRequired(link->facts, options, findings);
  findings.push_back(ExamineIndex(*link, KeyNames(options.prefix, options.space), deadline));
  if (IsError(*asked.info)) return examination;
  AddMemory(TextOf(*asked.info), findings);
  AddDisk(TextOf(*asked.info), findings);
  AddReplicas(TextOf(*asked.info), looking, findings);
  return examination;
}

}  // namespace offsetstore::redis
