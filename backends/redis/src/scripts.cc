// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "scripts.h"

#include <array>
#include <string>

namespace offsetstore::redis {
namespace {

// Thousands of values do not fit the stack of `unpack`: lists are read and written in slices.
//
// The index is changed before the hash. Where the server refuses it nothing was changed, and a
// group that is listed too much shows itself by its field `#`; a position that is not listed would
// not.
//
// From Redis 7.2 on `WAIT` waits for the last write of its own connection only, and for nothing on
// one that wrote nothing. So a call that is followed by it and finds all as it should be writes one
// field as it is: what came before, through any connection, is then waited for too.
constexpr std::string_view kShared = R"lua(
local hash, index, meta = KEYS[1], KEYS[2], KEYS[3]
if redis.call('GET', meta) ~= ARGV[1] then return 'GONE' end
local together, group, waits = ARGV[2] == 'all', ARGV[3], ARGV[4] == 'wait'

local function read(first, words)
  local values, fields, n = {}, {}, 0
  for i = first, #ARGV, words do
    n = n + 1
    fields[n] = ARGV[i]
  end
  for i = 1, n, 500 do
    local last = math.min(i + 499, n)
    local slice = redis.call('HMGET', hash, unpack(fields, i, last))
    for j = i, last do values[j] = slice[j - i + 1] end
  end
  return values
end

local function write(changes, delta, kept)
  if #changes == 0 and waits and kept then changes = kept end
  local n = #changes
  if n == 0 then return nil end
  if delta ~= 0 then
    local count = tonumber(redis.call('HGET', hash, '#') or '0')
    if not count then return 'COUNT' end
    local kind = redis.call('TYPE', index).ok
    if kind ~= 'none' and kind ~= 'zset' then return 'INDEX' end
    count = math.max(count + delta, 0)
    changes[n + 1] = '#'
    changes[n + 2] = string.format('%d', count)
    n = n + 2
    if count > 0 then
      redis.call('ZADD', index, 0, group)
    else
      redis.call('ZREM', index, group)
    end
  end
  for i = 1, n, 1000 do
    redis.call('HSET', hash, unpack(changes, i, math.min(i + 999, n)))
  end
  return nil
end
)lua";

// A Lua number is a double and cannot hold 19 digits; two halves of a padded number can be
// compared.
constexpr std::string_view kCommit = R"lua(
local writer, time = ARGV[5], ARGV[6]
local find, sub, match = string.find, string.sub, string.match

local function less(a, b)
  local x, y = tonumber(sub(a, 1, 10)), tonumber(sub(b, 1, 10))
  if x ~= y then return x < y end
  return tonumber(sub(a, 11)) < tonumber(sub(b, 11))
end

local function decide(raw, i)
  if not raw then return false end
  local claim = ARGV[i + 1]
  if sub(raw, 1, #claim) ~= claim then return raw end
  local first = find(raw, '\n', 1, true)
  local second = first and find(raw, '\n', first + 1, true)
  if not second then return raw end
  local entry = sub(raw, first + 1, second - 1)
  local position, epoch, topic, cluster
  if entry ~= '-' then
    position, epoch, topic, cluster = match(entry, '^(%d+) (%S+) %S+ (%S+) (%S+) %S+$')
    if not position or #position ~= 19 then return raw end
  end
  local to = ARGV[i + 3]
  if position == to and epoch == ARGV[i + 4] and sub(raw, second + 1) == ARGV[i + 7] then
    return 2
  end
  local from = sub(ARGV[i + 2], 2)
  if from ~= '' and from ~= (position or '-') then return raw end
  if position and sub(ARGV[i + 2], 1, 1) == 'a' and less(to, position) then return raw end
  local new_topic, new_cluster = ARGV[i + 5], ARGV[i + 6]
  if position and new_topic == '%' then new_topic = topic end
  if position and new_cluster == '%' then new_cluster = cluster end
  local value = sub(raw, 1, first) .. to .. ' ' .. ARGV[i + 4] .. ' ' .. time .. ' ' ..
      new_topic .. ' ' .. new_cluster .. ' ' .. writer .. '\n' .. ARGV[i + 7]
  return 1, value, position and 0 or 1
end

local values, result, changes, delta, fine, n, kept = read(7, 8), {}, {}, 0, true, 0
for i = 7, #ARGV, 8 do
  n = n + 1
  local code, value, more = decide(values[n], i)
  result[n] = code
  if code == 1 then
    changes[#changes + 1] = ARGV[i]
    changes[#changes + 1] = value
    delta = delta + more
  elseif code == 2 then
    kept = kept or {ARGV[i], values[n]}
  else
    fine = false
  end
end
if together and not fine then return result end
return write(changes, delta, kept) or result
)lua";

constexpr std::string_view kCompareAndSet = R"lua(
local values, result, changes, delta, fine, n, kept = read(5, 4), {}, {}, 0, true, 0
for i = 5, #ARGV, 4 do
  n = n + 1
  local expected, value = ARGV[i + 1], ARGV[i + 2]
  if (values[n] or '') ~= expected then
    result[n] = 0
    fine = false
  else
    result[n] = 1
    if value ~= '' then
      changes[#changes + 1] = ARGV[i]
      changes[#changes + 1] = value
      delta = delta + tonumber(ARGV[i + 3])
    elseif expected ~= '' then
      kept = kept or {ARGV[i], expected}
    end
  end
end
if together and not fine then
  for i = 1, n do result[i] = 0 end
  return result
end
return write(changes, delta, kept) or result
)lua";

}  // namespace

std::string_view TextOf(Script script) noexcept {
  static const std::array<std::string, kScripts> texts = {
      std::string(),
      std::string(kShared) + std::string(kCommit),
      std::string(kShared) + std::string(kCompareAndSet),
  };
  return texts.at(static_cast<std::size_t>(script));
}

}  // namespace offsetstore::redis
