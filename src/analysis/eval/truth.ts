import { stat } from 'node:fs/promises';
import { SidestreamError } from '../../core/errors.ts';
import { masksFrom, readJson, unread } from '../masks-file.ts';
import { openIndexPngs } from './index-pngs.ts';
import { masksScenes } from './masks-scenes.ts';
import { isPanoptic, openPanoptic } from './panoptic.ts';
import { invalid, type Scenes } from './scenes.ts';

/**
 * Opens a truth, whose layout it tells by looking: a folder has index PNGs, a file is masks JSON or COCO's panoptic
 * JSON, each also gzipped. `pngs`: the folder of a panoptic truth's PNGs; in place of the file's name without .json.
 * Throws INPUT_NOT_FOUND, INPUT_UNREADABLE, TRUTH_INVALID, and USAGE for PNGs that nothing asks for.
 */
export async function openTruth(path: string, pngs?: string): Promise<Scenes> {
  const folder = await isFolder(path);
  const json = folder ? undefined : await readJson(path);
  if (isPanoptic(json)) return openPanoptic(path, json, pngs ?? path.replace(/\.json(\.gz)?$/i, ''));
  if (pngs !== undefined) {
    throw new SidestreamError('USAGE', `--truth-pngs goes with COCO's panoptic JSON, which ${path} is not`);
  }
  if (folder) return openIndexPngs(path);
  if (typeof json !== 'object' || json === null || !('videos' in json)) {
    throw invalid(path, undefined, "neither masks JSON (YouTube-VIS layout) nor COCO's panoptic JSON");
  }
  return masksScenes(path, masksFrom(path, json), 'truth');
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw unread(path, error);
  }
}
