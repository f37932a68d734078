import { mkdir } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { foldersOf } from '../config/folders.ts';
import { SidestreamError } from '../core/errors.ts';
import { pts } from '../core/time.ts';
import type { Io } from './io.ts';
import {
  addCommon,
  addModel,
  type CommonOptions,
  integer,
  type ModelOptions,
  settingsOf,
  size,
} from './options.ts';
import type { TraceOptions } from './run-trace.ts';
import { table } from './table.ts';

const EXAMPLES = `
Examples:
  sidestream models fetch san-vit-b-16
  sidestream models convert san_vit_b_16.pth --tokenizer clip.json -o models/my-san
  sidestream models verify street-tiny
  sidestream models export --model street-tiny --size 384x683 -o graphs`;

export function modelsCommand(io: Io): Command {
  const group = new Command('models').description('model packs: list, fetch, convert, verify, trace, export');
  group.addCommand(
    addCommon(new Command('list').description('packs that are here or can be fetched')).action(
      (options: CommonOptions) => listModels(io, options),
    ),
  );
  group.addCommand(
    addCommon(
      new Command('fetch').description(
        'download a checkpoint and make a pack of it; goes on where it stopped',
      ),
    )
      .argument('<name>', 'pack to fetch')
      .action((name: string, options: CommonOptions) => fetchModel(io, name, options)),
  );
  group.addCommand(
    addCommon(new Command('convert').description('make a pack of an R-SAN checkpoint'))
      .argument('<checkpoint>', '.pth or .safetensors')
      .requiredOption('--tokenizer <file>', 'tokenizer.json')
      .requiredOption('-o, --output <folder>', 'folder of the new pack')
      .option('--architecture <file>', 'figures that the tensors do not tell')
      .option('--short-side <pixels>', 'shorter side of what the model sees', integer(32, 4096))
      .option('--force', 'replace the folder if it exists')
      .action((checkpoint: string, options: ConvertOptions) => convertModel(io, checkpoint, options)),
  );
  group.addCommand(
    addCommon(new Command('verify').description('check sums and shapes, and run the model once'))
      .argument('<name|folder>', 'pack to verify')
      .action((name: string, options: CommonOptions) => verifyModel(io, name, options)),
  );
  group.addCommand(
    addCommon(new Command('trace').description('write every intermediate tensor for raw frames'))
      .argument('<pack|checkpoint>', 'model to run')
      .requiredOption('--frames <file>', 'safetensors with the tensor frames, uint8, N×h×w×3')
      .requiredOption('-o, --output <file>', 'safetensors to write')
      .option('--architecture <file>', 'figures that the tensors do not tell')
      .option('--classifier <file>', 'safetensors with the tensor classifier, (C+1)×D')
      .option('--share-queries', 'also decode all frames with the mean of their queries')
      .addOption(new Option('--provider <name>').choices(['auto', 'cpu', 'cuda', 'webgpu', 'coreml', 'dml']))
      .addOption(new Option('--precision <name>').choices(['fp32', 'fp16', 'int8']).default('fp32'))
      .action(async (source: string, options: TraceOptions) => {
        const { runTrace } = await import('./run-trace.ts');
        await runTrace(io, source, options);
      }),
  );
  group.addCommand(
    addCommon(addModel(new Command('export').description('write the graphs for use in any ONNX Runtime')))
      .requiredOption('--size <height x width>', 'size of the frames, as in 640x1137', size)
      .requiredOption('-o, --output <folder>', 'folder to write to')
      .addOption(new Option('--format <name>').choices(['onnx']).default('onnx'))
      .option('--batch <n>', 'frames in one run', integer(1, 64), 1)
      .action((options: ExportOptions) => exportModel(io, options)),
  );
  return group.addHelpText('after', EXAMPLES);
}

async function listModels(io: Io, options: CommonOptions): Promise<void> {
  const { config } = await settingsOf(options);
  const { listPacks } = await import('../rsan/packs/pack.ts');
  const packs = await listPacks(foldersOf(config).packs);
  if (options.json) {
    io.print(
      JSON.stringify(
        packs.map(({ directory, installed, manifest }) => ({ directory, installed, ...manifest })),
        null,
        2,
      ),
    );
    return;
  }
  const rows = packs.map(({ installed, manifest }) => [
    manifest.name,
    installed ? 'here' : 'to fetch',
    manifest.title,
    manifest.licence.weights,
  ]);
  io.print(table([['model', '', 'what', 'licence of the weights'], ...rows]));
}

async function fetchModel(io: Io, name: string, options: CommonOptions): Promise<void> {
  const { config } = await settingsOf(options);
  const [{ fetchPack }, { listPacks }] = await Promise.all([
    import('../rsan/packs/fetch.ts'),
    import('../rsan/packs/pack.ts'),
  ]);
  const folders = foldersOf(config);
  const packs = await listPacks(folders.packs);
  const pack = packs.find(({ manifest }) => manifest.name === name);
  if (!pack) {
    const known = packs.map(({ manifest }) => manifest.name).join(', ');
    throw new SidestreamError('MODEL_MISSING', `there is no model ${name} to fetch; known are ${known}`);
  }
  if (pack.installed) {
    io.say(`${name} is here already`);
    io.print(pack.directory);
    return;
  }
  await mkdir(folders.fetched, { recursive: true });
  const { proxy, no_proxy: noProxy, mirror, retries, timeout_ms } = config.fetch;
  let shown = 0;
  const fetched = await fetchPack(
    pack,
    {
      destination: folders.fetched,
      network: {
        ...(proxy === null ? {} : { proxy }),
        ...(noProxy === null ? {} : { noProxy }),
        ...(mirror === null ? {} : { mirror }),
        retries,
        timeout_ms,
      },
      progress: ({ received, total }) => {
        if (options.quiet || Date.now() - shown < 2000) return;
        shown = Date.now();
        const of = total === undefined ? '' : ` of ${(total / 1e6).toFixed(0)}`;
        io.say(`${(received / 1e6).toFixed(0)}${of} MB`);
      },
    },
    io.signal,
  );
  io.say(`${name}: sha256 of the checkpoint is ${fetched.manifest.source.sha256}`);
  io.print(fetched.directory);
}

interface ConvertOptions extends CommonOptions {
  readonly tokenizer: string;
  readonly output: string;
  readonly architecture?: string;
  readonly shortSide?: number;
  readonly force?: boolean;
}

async function convertModel(io: Io, checkpoint: string, options: ConvertOptions): Promise<void> {
  const [{ convert }, { readArchitectureFile }] = await Promise.all([
    import('../rsan/packs/convert.ts'),
    import('./architecture-file.ts'),
  ]);
  const architecture = await readArchitectureFile(options.architecture);
  const pack = await convert(checkpoint, {
    tokenizer: options.tokenizer,
    out: options.output,
    force: options.force ?? false,
    ...(architecture === undefined ? {} : { architecture }),
    ...(options.shortSide === undefined ? {} : { manifest: { short_side: options.shortSide } }),
  });
  if (options.json) io.print(JSON.stringify(pack.manifest, null, 2));
  else io.print(pack.directory);
}

async function verifyModel(io: Io, name: string, options: CommonOptions): Promise<void> {
  const settings = await settingsOf({ ...options, model: name });
  const [{ verifyPack }, { findPack }, { readyModel }] = await Promise.all([
    import('../rsan/packs/verify.ts'),
    import('../rsan/packs/pack.ts'),
    import('../ready-model.ts'),
  ]);
  const pack = await findPack(name, foldersOf(settings.config).packs);
  const { checks } = await verifyPack(pack, {
    selfTest: async () => {
      await using ready = await readyModel(settings, () => {});
      const { architecture } = ready.model;
      const side = 96;
      const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 37) % 256);
      const regions = await ready.model.analyse(
        { index: 0, pts: pts(0), width: side, height: side, data },
        { refined: true },
        io.signal,
      );
      const finite = [...regions.maskLogits, ...regions.embeddings].every(Number.isFinite);
      const length = Math.hypot(...regions.embeddings.subarray(0, architecture.clip.embed));
      if (!finite || Math.abs(length - 1) > 1e-2)
        throw new Error('the model gives numbers that make no sense');
      return `${regions.count} regions on ${ready.model.provider}`;
    },
  });
  if (options.json) io.print(JSON.stringify({ name: pack.manifest.name, checks }, null, 2));
  else io.print(table(checks.map(({ name, ok, detail }) => [ok ? '✓' : '✗', name, detail])));
  const failed = checks.find(({ ok }) => !ok);
  if (failed) {
    throw new SidestreamError(
      'CHECKSUM_MISMATCH',
      `${name}: ${failed.name}: ${failed.detail}; fetch or convert it again`,
    );
  }
}

interface ExportOptions extends ModelOptions {
  readonly size: { height: number; width: number };
  readonly output: string;
  readonly batch: number;
}

async function exportModel(io: Io, options: ExportOptions): Promise<void> {
  const { config } = await settingsOf(options);
  const [{ exportGraphs }, { findPack, openPack }] = await Promise.all([
    import('../rsan/export.ts'),
    import('../rsan/packs/pack.ts'),
  ]);
  const pack = await openPack(await findPack(config.model.name, foldersOf(config).packs));
  try {
    const precision = config.model.precision === 'auto' ? 'fp32' : config.model.precision;
    const files = await exportGraphs(
      pack,
      { ...options.size, batch: options.batch },
      precision,
      options.output,
    );
    for (const file of files) io.print(file);
  } finally {
    await pack.weights.close();
  }
}
