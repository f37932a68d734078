import { SidestreamError } from '../core/errors.ts';
import {
  type Architecture,
  type ArchitectureFile,
  parseArchitectureFile,
  toArchitectureFile,
} from './architecture.ts';
import type { Weights } from './checkpoint/weights.ts';

const SIDE = 'side_adapter_network';
const VISUAL = 'clip_visual_extractor';
const HEAD = 'clip_rec_head';
const TEXT = 'ov_classifier';
/** CLIP's width of a head, and the number of heads of the public side adapters. */
const CLIP_HEAD_WIDTH = 64;
const SIDE_HEADS = 6;

/**
 * The architecture that names and shapes of tensors tell. What they don't (how many heads, which CLIP feature joins
 * where, the CLIP tower's scale, a grid that is no square) is taken from `file`, else from the public models'
 * conventions. Every tensor is checked against the result; MODEL_INVALID names the first that does not fit, and what
 * in `file` contradicts the tensors.
 */
export function readArchitecture(weights: Weights, file: ArchitectureFile = {}): Architecture {
  const shape = (name: string, axes: number): readonly number[] => {
    if (!weights.has(name))
      throw new SidestreamError('MODEL_INVALID', `this is no R-SAN checkpoint: it has no tensor ${name}`);
    const found = weights.info(name).shape;
    if (found.length !== axes)
      throw new SidestreamError('MODEL_INVALID', `${name} is [${found}] where ${axes} axes are wanted`);
    return found;
  };
  /** One more than the largest number that follows `prefix` in a tensor's name. */
  const count = (prefix: string): number =>
    weights.names.reduce((most, name) => {
      const index = name.startsWith(prefix) ? /^\d+(?=\.)/.exec(name.slice(prefix.length)) : null;
      if (index === null) return most;
      if (Number(index[0]) >= weights.names.length)
        throw new SidestreamError('MODEL_INVALID', `${name}: there are too few tensors for so many layers`);
      return Math.max(most, Number(index[0]) + 1);
    }, 0);

  const patchKernel = shape(`${VISUAL}.conv1.weight`, 4);
  const visionWidth = patchKernel[0];
  const visionPatch = patchKernel[3];
  const split = count(`${VISUAL}.resblocks.`);
  const positions = shape(`${VISUAL}.positional_embedding`, 2)[0] - 1;
  const embed = shape(`${HEAD}.proj`, 2)[1];
  const sideKernel = shape(`${SIDE}.vit_model.patch_embed.proj.weight`, 4);
  const [sideWidth, sidePatch] = [sideKernel[0], sideKernel[3]];
  const depth = count(`${SIDE}.vit_model.blocks.`);
  const maskEmbed = shape(`${SIDE}.mask_decoder.query_mlp.layers.2.weight`, 2)[0];
  const biasChannels = shape(`${SIDE}.mask_decoder.attn_mlp.layers.2.weight`, 4)[0];
  const [vocab, textWidth] = shape(`${TEXT}.token_embedding.weight`, 2);
  const fusions = count(`${SIDE}.fusion_layers.layer_`);
  const gridCells = shape(`${SIDE}.vit_model.pos_embed`, 3)[1];

  const architecture: Architecture = {
    clip: {
      embed,
      vision: {
        width: visionWidth,
        // One attention bias for each head of the last blocks: the only place where tensors tell of heads.
        heads: biasChannels / maskEmbed,
        layers: split + count(`${HEAD}.resblocks.`),
        split,
        patch: visionPatch,
        imageSize: squareSide(positions, `${VISUAL}.positional_embedding`) * visionPatch,
      },
      text: {
        vocab,
        context: shape(`${TEXT}.positional_embedding`, 2)[0],
        width: textWidth,
        heads: file.clip?.text?.heads ?? textWidth / CLIP_HEAD_WIDTH,
        layers: count(`${TEXT}.transformer.resblocks.`),
      },
    },
    side: {
      width: sideWidth,
      depth,
      heads: file.side?.heads ?? SIDE_HEADS,
      queries: shape(`${SIDE}.query_embed`, 3)[1],
      patch: sidePatch,
      imageSize: file.side?.image_size ?? squareImage(gridCells, sidePatch),
      fusion: file.side?.fusion ? parseFusion(file.side.fusion) : evenFusion(fusions, split),
      embed: maskEmbed,
      mlp: shape(`${SIDE}.mask_decoder.query_mlp.layers.0.weight`, 2)[0],
    },
    clipResolution: file.clip_resolution ?? (visionPatch === 14 ? 0.7 : 0.5),
  };
  refuseContradiction(architecture, file);
  checkFigures(architecture);
  const joins = architecture.side.fusion.length;
  if (joins !== fusions) {
    const what = `side.fusion has ${joins} entries; the tensors have fusion layers for ${fusions}`;
    throw new SidestreamError('MODEL_INVALID', `the architecture file's ${what}`);
  }
  checkTensors(weights, architecture);
  return architecture;
}

function squareSide(cells: number, name: string): number {
  const side = Math.round(Math.sqrt(cells));
  if (side * side !== cells)
    throw new SidestreamError('MODEL_INVALID', `${name} has ${cells} patches, which is no square`);
  return side;
}

function squareImage(cells: number, patch: number): [number, number] {
  const side = Math.round(Math.sqrt(cells));
  if (side * side !== cells) {
    throw new SidestreamError(
      'MODEL_INVALID',
      `the side adapter's ${cells} positions are no square: give side.image_size in an architecture file`,
    );
  }
  return [side * patch, side * patch];
}

/** The public models' rule: feature i·split/n joins after block i. */
function evenFusion(layers: number, split: number): Architecture['side']['fusion'] {
  return Array.from({ length: layers }, (_, i) => ({
    block: i,
    feature: Math.round((i * split) / Math.max(layers - 1, 1)),
  }));
}

function parseFusion(fusion: Readonly<Record<string, number>>): Architecture['side']['fusion'] {
  return Object.entries(fusion)
    .map(([block, feature]) => ({ block: Number(block), feature }))
    .sort((a, b) => a.block - b.block);
}

/** A figure of the file that the tensors tell otherwise. */
function refuseContradiction(architecture: Architecture, file: ArchitectureFile): void {
  const read = toArchitectureFile(architecture);
  const compare = (given: unknown, found: unknown, path: string): void => {
    if (given === undefined) return;
    if (typeof given === 'object' && given !== null && typeof found === 'object' && found !== null) {
      for (const [key, value] of Object.entries(given))
        compare(value, found[key as keyof typeof found], `${path}.${key}`);
    } else if (given !== found) {
      throw new SidestreamError(
        'MODEL_INVALID',
        `the architecture file says ${path.slice(1)} = ${given}; the tensors say ${found}`,
      );
    }
  };
  compare(file, read, '');
}

function checkFigures(architecture: Architecture): void {
  const { clip, side } = architecture;
  const divides = (what: string, width: number, heads: number) => {
    if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0) {
      throw new SidestreamError(
        'MODEL_INVALID',
        `${heads} heads do not divide ${what} of ${width}: give the heads in an architecture file`,
      );
    }
  };
  divides('clip.vision.width', clip.vision.width, clip.vision.heads);
  divides('clip.text.width', clip.text.width, clip.text.heads);
  divides('side.width', side.width, side.heads);
  // No figure may be 0 or missing, whoever gave it.
  parseArchitectureFile(JSON.stringify(toArchitectureFile(architecture)), "the tensors' figures");
  for (const { block, feature } of side.fusion) {
    if (block > side.depth || feature > clip.vision.split) {
      throw new SidestreamError(
        'MODEL_INVALID',
        `fusion of CLIP feature ${feature} after side block ${block} is beyond the model`,
      );
    }
  }
}

/** Every tensor that the graphs read, by name, with the shape that the architecture gives it. */
export function expectedTensors({ clip, side }: Architecture): Map<string, readonly number[]> {
  const tensors = new Map<string, readonly number[]>();
  const linear = (name: string, out: number, inner: number, ...kernel: number[]) => {
    tensors.set(`${name}.weight`, [out, inner, ...kernel]);
    tensors.set(`${name}.bias`, [out]);
  };
  const norm = (name: string, width: number) => {
    tensors.set(`${name}.weight`, [width]);
    tensors.set(`${name}.bias`, [width]);
  };
  const clipBlock = (name: string, width: number) => {
    norm(`${name}.ln_1`, width);
    tensors.set(`${name}.attn.in_proj_weight`, [3 * width, width]);
    tensors.set(`${name}.attn.in_proj_bias`, [3 * width]);
    linear(`${name}.attn.out_proj`, width, width);
    norm(`${name}.ln_2`, width);
    linear(`${name}.mlp.c_fc`, 4 * width, width);
    linear(`${name}.mlp.c_proj`, width, 4 * width);
  };
  const mlp = (name: string, inner: number, out: number, ...kernel: number[]) => {
    linear(`${name}.layers.0`, side.mlp, inner, ...kernel);
    linear(`${name}.layers.1`, side.mlp, side.mlp, ...kernel);
    linear(`${name}.layers.2`, out, side.mlp, ...kernel);
  };

  const { width, patch, split, layers, heads } = clip.vision;
  const positions = (clip.vision.imageSize / patch) ** 2;
  tensors.set(`${VISUAL}.class_embedding`, [width]);
  tensors.set(`${VISUAL}.positional_embedding`, [1 + positions, width]);
  tensors.set(`${VISUAL}.conv1.weight`, [width, 3, patch, patch]);
  norm(`${VISUAL}.ln_pre`, width);
  for (let i = 0; i < split; i++) clipBlock(`${VISUAL}.resblocks.${i}`, width);
  for (let i = 0; i < layers - split; i++) clipBlock(`${HEAD}.resblocks.${i}`, width);
  norm(`${HEAD}.ln_post`, width);
  tensors.set(`${HEAD}.proj`, [width, clip.embed]);

  const cells = (side.imageSize[0] / side.patch) * (side.imageSize[1] / side.patch);
  tensors.set(`${SIDE}.query_embed`, [1, side.queries, side.width]);
  tensors.set(`${SIDE}.query_pos_embed`, [1, side.queries, side.width]);
  tensors.set(`${SIDE}.vit_model.pos_embed`, [1, cells, side.width]);
  linear(`${SIDE}.vit_model.patch_embed.proj`, side.width, 3, side.patch, side.patch);
  for (let i = 0; i < side.depth; i++) {
    const block = `${SIDE}.vit_model.blocks.${i}`;
    norm(`${block}.norm1`, side.width);
    linear(`${block}.attn.qkv`, 3 * side.width, side.width);
    linear(`${block}.attn.proj`, side.width, side.width);
    norm(`${block}.norm2`, side.width);
    linear(`${block}.mlp.fc1`, 4 * side.width, side.width);
    linear(`${block}.mlp.fc2`, side.width, 4 * side.width);
  }
  side.fusion.forEach((_, i) => {
    norm(`${SIDE}.fusion_layers.layer_${i}.input_proj.0`, width);
    linear(`${SIDE}.fusion_layers.layer_${i}.input_proj.1`, side.width, width, 1, 1);
  });
  const decoder = `${SIDE}.mask_decoder`;
  mlp(`${decoder}.query_mlp`, side.width, side.embed);
  mlp(`${decoder}.pix_mlp`, side.width, side.embed, 1, 1);
  mlp(`${decoder}.attn_mlp`, side.width, side.embed * heads, 1, 1);
  tensors.set(`${decoder}.bias_scaling.weight`, [1, 1]);
  tensors.set(`${decoder}.bias_scaling.bias`, [1]);

  const { text } = clip;
  tensors.set(`${TEXT}.positional_embedding`, [text.context, text.width]);
  tensors.set(`${TEXT}.text_projection`, [text.width, clip.embed]);
  tensors.set(`${TEXT}.logit_scale`, []);
  tensors.set(`${TEXT}.bg_embed`, [1, clip.embed]);
  for (let i = 0; i < text.layers; i++) clipBlock(`${TEXT}.transformer.resblocks.${i}`, text.width);
  tensors.set(`${TEXT}.token_embedding.weight`, [text.vocab, text.width]);
  norm(`${TEXT}.ln_final`, text.width);
  return tensors;
}

function checkTensors(weights: Weights, architecture: Architecture): void {
  for (const [name, shape] of expectedTensors(architecture)) {
    if (!weights.has(name))
      throw new SidestreamError('MODEL_INVALID', `the checkpoint has no tensor ${name} [${shape}]`);
    const found = weights.info(name).shape;
    if (found.join() !== shape.join()) {
      throw new SidestreamError(
        'MODEL_INVALID',
        `${name} is [${found}] where the architecture wants [${shape}]`,
      );
    }
  }
}
