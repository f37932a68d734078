import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import { patientBackoff } from '../../core/backoff.ts';
import { asSidestreamError, type SidestreamError } from '../../core/errors.ts';
import type { Guard } from '../../net/address-guard.ts';
import { deliver } from '../../net/webhook.ts';
import { messageIdOf, webhookBodyOf } from './body.ts';
import type { Delivery } from './deliveries.ts';
import { MQTT } from './messages.ts';
import type { MqttTeller } from './mqtt-teller.ts';
import type { EventRecords } from './records.ts';

export interface DeliverDeps {
  readonly records: Pick<EventRecords, 'deliveries' | 'bell'>;
  readonly guard: Guard;
  /** undefined: nobody is told by MQTT; what still waited for it is dropped. */
  readonly mqtt: MqttTeller | undefined;
  /** `attempts`: tries of a webhook. `timeout_ms`: milliseconds that it has to answer. */
  readonly settings: { readonly attempts: number; readonly timeout_ms: number };
  readonly log: Logger;
}

/** Messages that one target is told of at the same time, each of another event. */
const AT_ONCE = 16;
/** Milliseconds between two looks for what is due while something is under way. */
const LOOK = 1000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Tells of everything that is due, and of what comes to be due meanwhile, so that nobody waits for a slow receiver but that
 * receiver itself; returns when nothing is due. To be called again and again, once at a time. What it was at when it was
 * interrupted, or killed, is told again.
 */
export async function deliverEvents(deps: DeliverDeps, signal: AbortSignal): Promise<void> {
  const { deliveries, bell } = deps.records;
  const busy = new Map<string, Promise<void>>();
  // One listener at the caller's signal for all that is under way.
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const end = () => stop.abort(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    while (!signal.aborted) {
      const { rings } = bell;
      for (const one of dueNow(deps)) {
        const key = `${one.target} ${one.message}`;
        if (busy.has(key)) continue;
        const work = tell(one, deps, stop.signal).finally(() => busy.delete(key));
        busy.set(key, work);
      }
      if (busy.size === 0) return;
      const over = new AbortController();
      const waiting = bell.next(rings, LOOK, over.signal);
      await Promise.race([...busy.values(), waiting]).finally(() => over.abort());
    }
  } finally {
    await Promise.allSettled(busy.values());
    signal.removeEventListener('abort', end);
  }

  function dueNow({ mqtt }: DeliverDeps): readonly Delivery[] {
    const now = Date.now();
    return deliveries.targets(now).flatMap((target) => {
      if (target === MQTT && !mqtt) deliveries.end(target);
      if (target === MQTT && !mqtt?.isConnected) return [];
      return deliveries.due(target, now, AT_ONCE);
    });
  }
}

const tell = (message: Delivery, deps: DeliverDeps, signal: AbortSignal): Promise<void> =>
  message.target === MQTT ? tellByMqtt(message, deps, signal) : tellWebhook(message, deps, signal);

/** Nothing is given up: the broker comes back. */
async function tellByMqtt(message: Delivery, deps: DeliverDeps, signal: AbortSignal): Promise<void> {
  const { records, mqtt, log } = deps;
  if (!mqtt) return;
  try {
    await mqtt.tell(message, signal);
  } catch (thrown) {
    // While it is away that is no failure of the message; it stays due.
    if (signal.aborted || !mqtt.isConnected) return;
    const { code, message: why } = asSidestreamError(thrown);
    log.warn({ event: message.event, code, attempts: message.attempts + 1 }, why);
    return records.deliveries.retry(message, Date.now() + patientBackoff(message.attempts + 1, MINUTE));
  }
  records.deliveries.done(message);
}

async function tellWebhook(message: Delivery, deps: DeliverDeps, signal: AbortSignal): Promise<void> {
  const { records, guard, settings } = deps;
  const { url, secret } = message;
  if (url === undefined || secret === undefined) return records.deliveries.done(message);
  const told = {
    ...{ url, secret, id: messageIdOf(message), body: webhookBodyOf(message) },
    timeoutMs: settings.timeout_ms,
  };
  let outcome: 'delivered' | 'gone';
  try {
    ({ outcome } = await deliver(told, guard, signal));
  } catch (thrown) {
    if (signal.aborted) return;
    return failed(message, asSidestreamError(thrown), deps);
  }
  if (outcome === 'delivered') return records.deliveries.done(message);
  const waited = records.deliveries.end(message.target);
  if (waited > 0)
    deps.log.error({ origin: new URL(url).origin, messages: waited }, 'the webhook is gone (410)');
}

function failed(message: Delivery, error: SidestreamError, { records, settings, log }: DeliverDeps): void {
  const attempts = message.attempts + 1;
  const isLast = !error.retryable || attempts >= settings.attempts;
  const about = { event: message.event, message: message.number, code: error.code, attempts };
  if (isLast) {
    log.error(about, `${error.message}; it is given up`);
    records.deliveries.done(message);
  } else {
    log.warn(about, error.message);
    records.deliveries.retry(message, Date.now() + patientBackoff(attempts, 4 * HOUR));
  }
}
