import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readNumber } from '../../fixtures/live/numbered.ts';
import { readRtp } from '../../fixtures/live/rtp.ts';
import { messageReader } from '../../fixtures/live/rtsp-wire.ts';

/** Clients that look at what a camera sends: ffmpeg, and one that sees every packet. */

export interface Seen {
  readonly code: number;
  /** The number in each picture. */
  readonly numbers: readonly (number | undefined)[];
  readonly said: string;
}

export interface WatchOptions {
  readonly transport?: string;
  readonly frames?: number;
  readonly map?: string;
  readonly args?: readonly string[];
}

const [WIDTH, HEIGHT] = [320, 176];

/** What ffmpeg sees of a stream. */
export function watch(
  url: string,
  { transport, frames = 12, map = '0:v:0', args = [] }: WatchOptions = {},
): Promise<Seen> {
  const input = [
    ...(transport ? ['-rtsp_transport', transport] : []),
    '-timeout',
    '3000000',
    ...args,
    '-i',
    url,
  ];
  const output = ['-map', map, '-frames:v', `${frames}`, '-fps_mode', 'passthrough'];
  const gray = ['-vf', `scale=${WIDTH}:${HEIGHT}`, '-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'];
  return new Promise((resolve) => {
    execFile(
      'ffmpeg',
      ['-v', 'error', '-nostdin', '-analyzeduration', '300000', ...input, ...output, ...gray],
      { encoding: 'buffer', maxBuffer: 2 ** 28, timeout: 20_000, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        const size = WIDTH * HEIGHT;
        const numbers = Array.from({ length: Math.floor(stdout.length / size) }, (_, i) =>
          readNumber(stdout.subarray(i * size, (i + 1) * size), WIDTH, HEIGHT),
        );
        const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
        resolve({ code, numbers, said: stderr.toString() });
      },
    );
  });
}

export interface Received {
  readonly timestamp: number;
  readonly sequence: number;
  readonly marker: boolean;
  readonly payload: Buffer;
}

export interface PacketClient extends AsyncDisposable {
  readonly sdp: string;
  /** RTP packets of the first track. */
  readonly packets: readonly Received[];
  /** Its sender reports. */
  readonly reports: readonly Buffer[];
  readonly closed: boolean;
  /** The timestamps of the pictures that came whole. */
  timestamps(): number[];
  ask(method: string): Promise<string>;
}

/** Plays a stream's first track over TCP. */
export async function packetClient(url: string): Promise<PacketClient> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const packets: Received[] = [];
  const reports: Buffer[] = [];
  const answers: ((answer: { status: string; body: string }) => void)[] = [];
  let [asked, closed, session] = [0, false, ''];
  socket.on('close', () => {
    closed = true;
    for (const answer of answers) answer({ status: 'closed', body: '' });
  });
  socket.on(
    'data',
    messageReader({
      // An answer has the form of a request: its first words are other ones.
      request({ url: status, headers, body }) {
        session = headers.get('session')?.split(';')[0] ?? session;
        answers.shift()?.({ status, body });
      },
      packet(channel, packet) {
        const rtp = channel === 0 ? readRtp(packet) : undefined;
        if (rtp) packets.push(rtp);
        if (channel === 1) reports.push(packet);
      },
    }),
  );
  const send = (method: string, at = url, ...headers: string[]) => {
    const lines = [`${method} ${at} RTSP/1.0`, `CSeq: ${++asked}`, ...headers];
    if (session) lines.push(`Session: ${session}`);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    return new Promise<{ status: string; body: string }>((resolve) => answers.push(resolve));
  };
  const { body: sdp } = await send('DESCRIBE');
  await send('SETUP', `${url}/trackID=0`, 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
  await send('PLAY');
  return {
    sdp,
    packets,
    reports,
    get closed() {
      return closed;
    },
    timestamps: () => packets.filter(({ marker }) => marker).map(({ timestamp }) => timestamp),
    ask: async (method) => (await send(method)).status,
    async [Symbol.asyncDispose]() {
      if (closed) return;
      socket.destroy();
      await once(socket, 'close');
    },
  };
}

/** Waits until it holds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  seconds = 10,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await sleep(10);
  }
}

/** Whether this machine hears what it sends to a group; some networks of containers do not. */
export async function multicastWorks(): Promise<boolean> {
  const group = '239.255.42.42';
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  try {
    socket.bind(0);
    await once(socket, 'listening');
    socket.addMembership(group);
    socket.setMulticastTTL(0);
    const heard = once(socket, 'message').then(() => true);
    heard.catch(() => undefined);
    socket.send('hello', socket.address().port, group, () => undefined);
    return await Promise.race([heard, sleep(500, false)]);
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
