import { createHash } from 'node:crypto';
import { statusTopicOf } from '../../net/mqtt.ts';

/** Topics and payloads by which MQTT, and Home Assistant by its discovery, is told of events. */

export interface RulesOfStream {
  readonly stream: string;
  /** For people. */
  readonly name: string;
  readonly rules: readonly string[];
}

/**
 * A rule's name as a part of a topic: itself where it is of small letters, digits and hyphens; else with what was lost made
 * up for by six hexadecimal digits of its SHA-256, so that two rules never share one.
 */
export function slugOf(rule: string): string {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(rule) && rule.length <= 60) return rule;
  const plain = rule
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-|-$/g, '');
  const hash = createHash('sha256').update(rule).digest('hex').slice(0, 6);
  return `${plain || 'rule'}-${hash}`;
}

export const topicsOf = (prefix: string, stream: string, rule: string) => {
  const base = `${prefix}/${stream}/${slugOf(rule)}`;
  return { event: `${base}/event`, state: `${base}/state` };
};

export interface DiscoverySettings {
  readonly prefix: string;
  /** What Home Assistant's discovery topics begin with. */
  readonly discovery: string;
  readonly version: string;
}

/** Says to Home Assistant that a rule is a binary sensor of the device that its stream is. */
export function discoveryOf(
  { stream, name }: Pick<RulesOfStream, 'stream' | 'name'>,
  rule: string,
  { prefix, discovery, version }: DiscoverySettings,
): { readonly topic: string; readonly payload: string } {
  const slug = slugOf(rule);
  const device = `sidestream_${stream}`;
  const { event, state } = topicsOf(prefix, stream, rule);
  return {
    topic: `${discovery}/binary_sensor/${device}/${slug}/config`,
    payload: JSON.stringify({
      name: rule,
      unique_id: `${device}_${slug}`,
      state_topic: state,
      availability_topic: statusTopicOf(prefix),
      json_attributes_topic: event,
      json_attributes_template: '{{ value_json.data | tojson }}',
      qos: 1,
      device: { identifiers: [device], name, manufacturer: 'Sidestream' },
      origin: { name: 'Sidestream', sw_version: version },
    }),
  };
}
