import { Command, InvalidArgumentError, Option } from 'commander';
import type { Io } from './io.ts';
import {
  addCameraAddress,
  addCommon,
  addModel,
  addPicture,
  addWords,
  CAMERA_GROUP,
  integer,
  type ModelOptions,
  type PictureOptions,
  time,
  type WordOptions,
} from './options.ts';

export interface LiveOptions extends ModelOptions, WordOptions, PictureOptions {
  readonly policy?: string;
  readonly between?: 'hold' | 'move';
  readonly transport: 'tcp' | 'udp' | 'multicast' | 'http';
  readonly track: number;
  readonly audio: boolean;
  readonly duration?: number;
  readonly shortSide?: number;
  readonly hls?: string;
  readonly rtsp?: string;
  readonly record?: string;
  readonly report?: string;
  readonly force?: boolean;
  readonly preset?: string;
}

const EXAMPLES = `
Examples:
  sidestream live rtsp://camera.lan/stream1 --vocabulary "car, person"
  sidestream live rtsp://camera.lan/stream1 --hls /srv/www/gate --vocabulary-file names.txt
  sidestream live rtsp://camera.lan/stream2 --rtsp rtsp://media.lan:8554/gate --record /srv/gate --policy every:5
  sidestream live /dev/video0 --json --duration 60 --expand coco-stuff`;

function policy(text: string): string {
  if (!/^(latest|all|every:[1-9]\d{0,3})$/.test(text))
    throw new InvalidArgumentError('It must be latest, all or every:N.');
  return text;
}

function addCamera(command: Command): Command {
  const group = CAMERA_GROUP;
  return addCameraAddress(command)
    .addOption(new Option('--no-audio', 'leave its sound out').helpGroup(group))
    .addOption(
      new Option('--duration <time>', 'end after that: seconds or h:mm:ss').argParser(time).helpGroup(group),
    );
}

function addOutputs(command: Command): Command {
  const group = 'Results:';
  return command
    .addOption(new Option('--hls <folder>', 'HLS with the names painted on: index.m3u8').helpGroup(group))
    .addOption(new Option('--rtsp <url>', 'publish the same at an RTSP server').helpGroup(group))
    .addOption(
      new Option('--record <folder>', "the camera's own pictures and sound, as MP4 files").helpGroup(group),
    )
    .addOption(new Option('--report <file>', 'what was done, as JSON').helpGroup(group))
    .addOption(new Option('--force', 'overwrite a report that exists').helpGroup(group));
}

export function liveCommand(io: Io): Command {
  const command = new Command('live')
    .description('name every pixel of a camera as it comes, in one process; ends with Ctrl-C')
    .argument('<url>', 'rtsp, rtmp, srt, http(s) or udp address; device; or file to be looped');
  addPicture(addWords(addOutputs(addCamera(command)))).addOption(
    new Option('--preset <name>', "the encoder's, from ultrafast to veryslow").helpGroup('Picture:'),
  );
  return addCommon(addModel(command))
    .addOption(
      new Option('--short-side <pixels>', 'shorter side of what the model sees')
        .argParser(integer(32, 4096))
        .helpGroup('Model:'),
    )
    .addOption(
      new Option('--policy <policy>', 'which frames go through the model: latest, all or every:N')
        .argParser(policy)
        .helpGroup('Model:'),
    )
    .addOption(
      new Option('--between <how>', 'what the others show: the last masks as they were, or moved along')
        .choices(['hold', 'move'])
        .helpGroup('Model:'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: LiveOptions) => {
      const { runLive } = await import('./run-live.ts');
      await runLive(io, url, options);
    });
}
