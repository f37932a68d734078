/**
 * What is done with a stream's board in one step, in Redis. KEYS: the board (hash). Fields: revision, wish, token, worker,
 * state, since, reported, report, saved. All times are milliseconds since 1970 by the clock of Redis: workers' clocks
 * need not agree.
 */

export const NOW = `
local function micros()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end
local function clock()
  return math.floor(micros() / 1000)
end
local function become(state, now)
  if redis.call('HGET', KEYS[1], 'state') ~= state then
    redis.call('HSET', KEYS[1], 'state', state, 'since', now)
  end
end
`;

/** True for the token of whoever holds the stream at present. */
const HOLDS = `
local function holds(token)
  local known = redis.call('HMGET', KEYS[1], 'token', 'worker')
  return known[1] == token and known[2] ~= false
end
`;

/** ARGV: revision, wish. The newest revision counts. */
export const WANT = `${NOW}
local known = redis.call('HGET', KEYS[1], 'revision')
if known and tonumber(known) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[1], 'wish', ARGV[2])
if not known then
  redis.call('HSETNX', KEYS[1], 'token', 0)
  become('starting', clock())
end
return 1
`;

/**
 * ARGV: worker. Tokens grow with the clock, so that they also grow where Redis has forgotten the ones before: a holder from
 * before that must not be taken for the new one. Returns token, revision, wish, saved; nothing where there is no board.
 */
export const TAKE = `${NOW}
if not redis.call('HGET', KEYS[1], 'revision') then return nil end
local token = math.max(micros(), tonumber(redis.call('HGET', KEYS[1], 'token') or '0') + 1)
redis.call('HSET', KEYS[1], 'token', token, 'worker', ARGV[1])
redis.call('HDEL', KEYS[1], 'report', 'reported')
become('starting', clock())
return redis.call('HMGET', KEYS[1], 'token', 'revision', 'wish', 'saved')
`;

/** ARGV: token, state, report. Returns revision and wish; nothing where the token does not count. */
export const TELL = `${NOW}${HOLDS}
if not holds(ARGV[1]) then return nil end
local now = clock()
become(ARGV[2], now)
redis.call('HSET', KEYS[1], 'report', ARGV[3], 'reported', now)
return redis.call('HMGET', KEYS[1], 'revision', 'wish')
`;

/** ARGV: token, key. Returns whether the token counts. */
export const SAVED = `${HOLDS}
if not holds(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'saved', ARGV[2])
return 1
`;

/** ARGV: token. */
export const RELEASE = `${NOW}${HOLDS}
if not holds(ARGV[1]) then return 0 end
redis.call('HDEL', KEYS[1], 'worker', 'report', 'reported')
become('starting', clock())
return 1
`;

/** KEYS: boards. Returns the time, then for each board the fields below or nothing. */
export const READ = `${NOW}
local found = { clock() }
for i, key in ipairs(KEYS) do
  found[i + 1] = redis.call('HMGET', key, 'revision', 'wish', 'token', 'worker', 'report', 'reported', 'since', 'saved')
end
return found
`;

/** Values of the hash KEYS[1] begin with `until:`. What is over goes; fields and what their values say else are returned. */
export const SWEEP = `
local function sweep(now)
  local rest, all = {}, redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    local ends, load = string.match(all[i + 1], '^(%d+):(.*)$')
    if tonumber(ends) <= now then
      redis.call('HDEL', KEYS[1], all[i])
    else
      rest[#rest + 1] = all[i]
      rest[#rest + 1] = load
    end
  end
  return rest
end
`;

/** ARGV: worker, streams, most, milliseconds. */
export const LOAD = `${NOW}${SWEEP}
local now = clock()
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f:%s:%s', now + tonumber(ARGV[4]), ARGV[2], ARGV[3]))
return #sweep(now)
`;

/** Returns workers and their loads, in turn. */
export const LOADS = `${NOW}${SWEEP}
return sweep(clock())
`;
