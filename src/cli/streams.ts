import { Command, InvalidArgumentError, Option } from 'commander';
import type { Io } from './io.ts';
import { addClient, addCommon, addWords, type ClientOptions, type WordOptions } from './options.ts';

/** What may change while a stream runs. */
export interface SetOptions extends ClientOptions, WordOptions {
  readonly name?: string;
  readonly policy?: string;
  readonly between?: 'hold' | 'move';
  readonly record?: boolean;
  /** A file; false: there shall be none. */
  readonly rules?: string | false;
}

export interface AddOptions extends SetOptions {
  readonly model?: string;
  readonly transport?: 'tcp' | 'udp' | 'multicast' | 'http';
  readonly rtsp?: string;
  readonly hls?: boolean;
}

export interface SnapshotOptions extends ClientOptions {
  readonly output: string;
}

const EXAMPLES = `
Examples:
  sidestream streams add rtsp://camera.lan/stream1 --name gate --vocabulary "car, person"
  sidestream streams list
  sidestream streams set 0mif3p9q4… --vocabulary "bus, cyclist, dog"
  sidestream streams set 0mif3p9q4… --record --rules rules.yaml
  sidestream streams watch 0mif3p9q4…
  sidestream streams snapshot 0mif3p9q4… -o now.jpg
  sidestream streams pause 0mif3p9q4…`;

const run = () => import('./run-streams.ts');

function policy(text: string): string {
  if (!/^(latest|all|every:[1-9]\d{0,3})$/.test(text))
    throw new InvalidArgumentError('It must be latest, all or every:N.');
  return text;
}

function addSettings(command: Command): Command {
  const group = 'Stream:';
  return addWords(command)
    .addOption(new Option('--name <text>', 'what people call it').helpGroup(group))
    .addOption(
      new Option('--policy <policy>', 'which frames go through the model: latest, all or every:N')
        .argParser(policy)
        .helpGroup(group),
    )
    .addOption(
      new Option('--between <how>', 'what the others show: the last masks as they were, or moved along')
        .choices(['hold', 'move'])
        .helpGroup(group),
    )
    .addOption(new Option('--record', 'record it, with what is seen').helpGroup(group))
    .addOption(new Option('--no-record', 'record it no more').helpGroup(group))
    .addOption(
      new Option(
        '--rules <file>',
        'what is to be waited for; `sidestream rules check` looks at it',
      ).helpGroup(group),
    )
    .addOption(new Option('--no-rules', 'wait for nothing more').helpGroup(group));
}

export function streamsCommand(io: Io): Command {
  const command = new Command('streams').description('cameras of a server').addHelpText('after', EXAMPLES);
  const add = (name: string, description: string) =>
    addCommon(addClient(command.command(name).description(description)));
  add('list', 'all of them, by name').action(async (options: ClientOptions) =>
    (await run()).runList(io, options),
  );
  add('show', 'one stream')
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => (await run()).runShow(io, id, options));
  addSettings(add('add', 'watch a camera until it is stopped or removed'))
    .argument('<url>', 'rtsp, rtmp, srt, http(s) or udp address; device, or file to be looped, of the server')
    .addOption(new Option('--model <name>', 'model pack of the server').helpGroup('Stream:'))
    .addOption(
      new Option('--transport <kind>', 'how RTSP sends')
        .choices(['tcp', 'udp', 'multicast', 'http'])
        .helpGroup('Stream:'),
    )
    .addOption(new Option('--rtsp <url>', 'publish it there as well').helpGroup('Results:'))
    .addOption(new Option('--no-hls', 'make no HLS').helpGroup('Results:'))
    .action(async (url: string, options: AddOptions) => (await run()).runAdd(io, url, options));
  addSettings(add('set', 'change a stream while it runs'))
    .argument('<id>')
    .action(async (id: string, options: SetOptions) => (await run()).runSet(io, id, options));
  for (const [name, description, state] of [
    ['pause', 'read nothing for a while', 'paused'],
    ['resume', 'go on after a pause', 'running'],
    ['stop', 'end a stream, and keep its settings', 'stopped'],
    ['start', 'begin again after a stop', 'running'],
  ] as const) {
    add(name, description)
      .argument('<id>')
      .action(async (id: string, options: ClientOptions) => (await run()).runState(io, id, state, options));
  }
  add('remove', 'end a stream and forget it')
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => (await run()).runRemove(io, id, options));
  add('snapshot', 'save the newest picture')
    .argument('<id>')
    .requiredOption('-o, --output <file>', 'where to')
    .action(async (id: string, options: SnapshotOptions) => (await run()).runSnapshot(io, id, options));
  add('watch', 'tell what is seen, as it is seen')
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => (await run()).runWatch(io, id, options));
  return command;
}
