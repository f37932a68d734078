/**
 * What is done with a job's board in one step, in Redis. KEYS: the board (hash), its events (stream). All times are
 * milliseconds since 1970. Fields of the board: state, stage, total, progress, fps, started, finished, code, message;
 * `done:<stage>` sums up `<stage>:<part>`.
 */

/** Further fields of an event, and of the board, that tell of progress. */
const TELL = `
local function tell(kind, now)
  local fields = redis.call('HMGET', KEYS[1], 'stage', 'progress', 'total', 'fps', 'code', 'message', 'state', 'started')
  local done = redis.call('HGET', KEYS[1], 'done:' .. (fields[1] or '')) or '0'
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', 1000, '*', 'event', kind, 'state', fields[7] or '', 'stage', fields[1] or '',
    'progress', fields[2] or '0', 'total', fields[3] or '', 'done', done, 'fps', fields[4] or '',
    'code', fields[5] or '', 'message', fields[6] or '', 'started', fields[8] or '')
  redis.call('HSET', KEYS[1], 'told', now)
end
`;

/** ARGV: now. Begins a board that is not there. Returns the state. */
export const OPEN = `
if redis.call('HSETNX', KEYS[1], 'state', 'queued') == 1 then
  redis.call('HSET', KEYS[1], 'progress', '0', 'opened', ARGV[1])
end
return redis.call('HGET', KEYS[1], 'state')
`;

/**
 * ARGV: now, stage, number of the stage, part, frames that this part has done, frames of all parts, progress at the
 * stage's beginning, at its end, least milliseconds between events. Counts a part's frames once, however often it is done.
 * Returns the state; nothing where there is no board.
 */
export const REPORT = `${TELL}
local state = redis.call('HGET', KEYS[1], 'state')
if not state or (state ~= 'queued' and state ~= 'running') then return state end
local now, stage, rank, part = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4]
local frames, total, from, to = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
if state == 'queued' then
  redis.call('HSET', KEYS[1], 'state', 'running', 'started', now)
  state = 'running'
end
local before = tonumber(redis.call('HGET', KEYS[1], 'rank') or '-1')
local fresh = rank > before
if fresh then redis.call('HSET', KEYS[1], 'rank', rank, 'stage', stage, 'mark', now, 'marked', '0') end
if total >= 0 then redis.call('HSET', KEYS[1], 'total', total) end
local had = tonumber(redis.call('HGET', KEYS[1], stage .. ':' .. part) or '0')
local done = tonumber(redis.call('HGET', KEYS[1], 'done:' .. stage) or '0')
if frames > had then
  redis.call('HSET', KEYS[1], stage .. ':' .. part, frames)
  done = tonumber(redis.call('HINCRBY', KEYS[1], 'done:' .. stage, frames - had))
end
local share = 0
if total > 0 then share = math.min(1, done / total) end
local progress = from + (to - from) * share
if progress > tonumber(redis.call('HGET', KEYS[1], 'progress') or '0') then
  redis.call('HSET', KEYS[1], 'progress', string.format('%.4f', progress))
end
local told = tonumber(redis.call('HGET', KEYS[1], 'told') or '0')
if fresh then tell('stage', now) return state end
if now - told >= tonumber(ARGV[9]) and (frames > had or now - told >= 1000) then
  local mark, marked = unpack(redis.call('HMGET', KEYS[1], 'mark', 'marked'))
  local seconds = (now - tonumber(mark or now)) / 1000
  if seconds >= 1 and before == rank then
    redis.call('HSET', KEYS[1], 'fps', string.format('%.2f', (done - tonumber(marked or '0')) / seconds))
    if seconds >= 4 then redis.call('HSET', KEYS[1], 'mark', now, 'marked', done) end
  end
  tell('progress', now)
end
return state
`;

/** ARGV: now, state, code, message, seconds that the board is kept. The first end counts. Returns the state. */
export const FINISH = `${TELL}
local state = redis.call('HGET', KEYS[1], 'state')
if not state or (state ~= 'queued' and state ~= 'running') then return state end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'finished', ARGV[1])
if ARGV[2] == 'done' then redis.call('HSET', KEYS[1], 'progress', '1') end
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'code', ARGV[3], 'message', ARGV[4]) end
tell(ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('EXPIRE', KEYS[2], ARGV[5])
return ARGV[2]
`;

/** ARGV: rank of the stage to go on from. Forgets what was done from there on: the video is cut anew. */
export const RECUT = `
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.find(field, ':') then redis.call('HDEL', KEYS[1], field) end
end
redis.call('HSET', KEYS[1], 'rank', ARGV[1])
return 1
`;

/** ARGV: field, value. The first value counts. Returns it. */
export const PIN = `
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
return redis.call('HGET', KEYS[1], ARGV[1])
`;

/**
 * Start-time fair queueing (Goyal, Vin, Cheng 1996) over those who submit. KEYS: tags (hash), the queue's prioritised jobs.
 * ARGV: class, submitter, number of jobs. Returns the first of as many tags in a row.
 */
export const TAGS = `
if redis.call('ZCARD', KEYS[2]) == 0 then redis.call('DEL', KEYS[1]) end
local time = tonumber(redis.call('HGET', KEYS[1], 'time:' .. ARGV[1]) or '0')
local last = tonumber(redis.call('HGET', KEYS[1], 'last:' .. ARGV[1] .. ':' .. ARGV[2]) or '0')
local first = math.max(time, last) + 1
redis.call('HSET', KEYS[1], 'last:' .. ARGV[1] .. ':' .. ARGV[2], first + tonumber(ARGV[3]) - 1)
redis.call('EXPIRE', KEYS[1], 604800)
return first
`;

/** KEYS: tags. ARGV: class, tag of a job that begins. Time goes on. */
export const BEGUN = `
local time = tonumber(redis.call('HGET', KEYS[1], 'time:' .. ARGV[1]) or '0')
if tonumber(ARGV[2]) > time then redis.call('HSET', KEYS[1], 'time:' .. ARGV[1], ARGV[2]) end
return time
`;
