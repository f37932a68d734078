import { damaged, openByteFile } from './byte-file.ts';
import { readSafetensors } from './safetensors.ts';
import { readTorch } from './torch.ts';
import type { Weights } from './weights.ts';

/** Opens a PyTorch zip archive or a safetensors file, told apart by their first bytes, not by their names. */
export async function openCheckpoint(path: string): Promise<Weights> {
  const file = await openByteFile(path);
  try {
    if (file.size < 9) throw damaged(path, `${file.size} bytes are no checkpoint`);
    const head = await file.read(0, 9);
    // First, as a header of 0x4b50 bytes (or 0x4b50 more than any multiple of 65536) begins like a ZIP archive, which
    // in turn has the method of compression where this has its brace.
    if (head[8] === 0x7b) return await readSafetensors(file);
    if (head[0] === 0x50 && head[1] === 0x4b) return await readTorch(file);
    // Old torch.save files are bare pickles: protocol 2 or later begins with 0x80.
    const hint = head[0] === 0x80 ? 'is an old torch.save file: save it again with PyTorch 1.6 or newer' : '';
    throw damaged(path, hint || 'is neither a PyTorch zip archive nor a safetensors file');
  } catch (error) {
    await file.close();
    throw error;
  }
}
