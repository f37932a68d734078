import { parseRules, rulesFrom } from '../clips/rules/read-rules.ts';
import type { Config } from '../config/load.ts';
import { SidestreamError } from '../core/errors.ts';
import { below, newJobId, pictureOf, wordsOf } from '../jobs/describe.ts';
import type { Guard } from '../net/address-guard.ts';
import { judgeCamera, nameOf, schemeOf } from './address.ts';
import type { StreamDescription } from './description.ts';
import type { StreamPatch, StreamRequest } from './request.ts';

/** From what was asked for to what is done: everything is decided here, so that it can be refused at once. */

export interface DescribeDeps {
  readonly config: Config;
  /** Of addresses of cameras. */
  readonly guard: Pick<Guard, 'judgeUrl' | 'resolve'>;
}

/** Throws USAGE, ADDRESS_REFUSED, INPUT_NOT_FOUND, INPUT_UNREADABLE, INPUT_INVALID. */
export async function describeStream(
  request: StreamRequest,
  { config, guard }: DescribeDeps,
): Promise<StreamDescription> {
  const { model, live } = config;
  const { output } = request;
  const words = wordsOf(request, config);
  const url = await locate(request.url, { config, guard });
  if (output.rtsp !== undefined) await judgeCamera(output.rtsp, guard);
  return {
    id: newJobId(),
    revision: 1,
    name: request.name ?? nameOf(request.url).slice(0, 200),
    url,
    transport: request.transport ?? 'tcp',
    track: request.track ?? 0,
    words,
    model: request.model ?? model.name,
    short_side: request.short_side ?? model.short_side,
    policy: request.policy ?? live.policy,
    between: request.between ?? live.between,
    rules: rulesOf(request.rules),
    record: recordOf(request.record, config),
    output: {
      hls: output.hls,
      rtsp: output.rtsp ?? null,
      audio: output.audio,
      ...pictureOf(output, config),
    },
  };
}

/**
 * The next revision. What is not to change stays as it was decided then. `patch.url`: as `locate` gives it. Throws USAGE.
 */
export function describeChange(
  before: StreamDescription,
  { name, vocabulary, expand, things, stuff, policy, between, record, rules, ...where }: StreamPatch,
  config: Config,
): StreamDescription {
  const { names, ...kinds } = before.words;
  const words = wordsOf(
    {
      vocabulary: vocabulary ?? names,
      expand: expand ?? kinds.expand,
      things: things ?? kinds.things,
      stuff: stuff ?? kinds.stuff,
    },
    config,
  );
  return {
    ...before,
    revision: before.revision + 1,
    url: where.url ?? before.url,
    transport: where.transport ?? before.transport,
    track: where.track ?? before.track,
    name: name ?? before.name,
    words,
    policy: policy ?? before.policy,
    between: between ?? before.between,
    rules: rules === undefined ? before.rules : rulesOf(rules),
    record: record === undefined ? before.record : recordOf(record, config),
  };
}

/** Throws RULES_INVALID with all that is wrong, each with its line and column, or its path. */
function rulesOf(wanted: StreamRequest['rules']): StreamDescription['rules'] {
  if (wanted === undefined || wanted === null) return null;
  if (typeof wanted !== 'string') return rulesFrom(wanted);
  const { rules, faults } = parseRules(wanted);
  if (!rules) throw new SidestreamError('RULES_INVALID', faults.join('; '));
  return rules;
}

function recordOf(
  wanted: StreamRequest['record'] = false,
  { record }: Pick<Config, 'record'>,
): StreamDescription['record'] {
  if (wanted === false) return null;
  const { audio = true, seconds, days, max_bytes } = wanted === true ? {} : wanted;
  return {
    audio,
    seconds: seconds ?? record.seconds,
    days: days ?? record.days,
    max_bytes: max_bytes ?? record.stream_bytes,
  };
}

/**
 * Where a camera is, a device or a file, as a worker asks for it. Throws USAGE, ADDRESS_REFUSED, INPUT_NOT_FOUND,
 * INPUT_UNREADABLE, INPUT_INVALID.
 */
export async function locate(url: string, { config, guard }: DescribeDeps): Promise<string> {
  if (schemeOf(url) !== undefined) {
    await judgeCamera(url, guard);
    return url;
  }
  const { roots } = config.jobs;
  // Whether there is such a device is for the machine to say that it is plugged into.
  if (/^\/dev\/video\d{1,3}$/.test(url)) {
    if (roots.some((root) => root === url || root.replace(/\/+$/, '') === '/dev')) return url;
    throw new SidestreamError(
      'INPUT_UNREADABLE',
      `${url} is not in jobs.roots: have it, or /dev, added there`,
    );
  }
  if (!url.startsWith('/'))
    throw new SidestreamError(
      'USAGE',
      'url: give an address such as rtsp://camera/stream, a device such as /dev/video0, or the path of a file',
    );
  return await below(url, roots);
}
