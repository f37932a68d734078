import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFilesystem } from '../../src/storage/filesystem.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { keysOf } from './storages.ts';

const isRoot = process.getuid?.() === 0;

let home: string;
let root: string;
let storage: Storage;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sidestream-storage-'));
  root = join(home, 'root');
  storage = await openFilesystem({ root });
});
afterEach(() => rm(home, { recursive: true }));

/** Runs `work` with a file system of so many bytes at `folder`. */
async function withSmallDisk(folder: string, work: () => Promise<void>): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status !== 0) {
    throw new Error('mount failed');
  }
  try {
    await work();
  } finally {
    spawnSync('umount', [folder]);
  }
}

describe('a folder as storage', () => {
  it('follows no link out of it', async () => {
    await writeFile(join(home, 'secret'), 'not below the root');
    await symlink(home, join(root, 'out'));
    await symlink(join(home, 'secret'), join(root, 'secret'));
    await symlink(join(home, 'none'), join(root, 'dangling'));
    const path = join(home, 'e');
    await writeFile(path, 'evil');
    const refused = { code: 'INPUT_UNREADABLE' };
    for (const key of ['out/secret', 'secret', 'out/new/deep', 'dangling', 'dangling/a']) {
      await expect(storage.read(key), key).rejects.toMatchObject(refused);
      await expect(storage.stat(key), key).rejects.toMatchObject(refused);
      await expect(storage.borrow(key), key).rejects.toMatchObject(refused);
      await expect(storage.put(key, 'evil'), key).rejects.toMatchObject(refused);
      await expect(storage.putFile(key, path, { move: true }), key).rejects.toMatchObject(refused);
      await expect(storage.remove(key), key).rejects.toMatchObject(refused);
    }
    await expect(storage.removeAll('out/')).rejects.toMatchObject(refused);
    await expect(keysOf(storage.list('out/'))).rejects.toMatchObject(refused);
    expect(await keysOf(storage.list(''))).toEqual([]);
    expect(await readFile(join(home, 'secret'), 'utf8')).toBe('not below the root');
    expect(readdirSync(home).sort()).toEqual(['e', 'root', 'secret']);
  });

  it('may itself be reached through a link', async () => {
    await symlink(root, join(home, 'link'));
    await using linked = await openFilesystem({ root: join(home, 'link') });
    await linked.put('a/b', 'b');
    expect((await storage.read('a/b')).toString()).toBe('b');
    expect(await keysOf(linked.list('a/'))).toEqual(['a/b']);
    await linked.removeAll('a/');
    expect(readdirSync(root)).toEqual(['.incoming']);
  });

  it('never lists what a dead writer left, nor what others put beside it', async () => {
    await storage.put('a/b', 'b');
    await writeFile(join(root, '.incoming', '1-dead'), 'half');
    for (const name of ['.DS_Store', 'a b', '~lock', 'a/.nfs0001']) await writeFile(join(root, name), '');
    expect(await keysOf(storage.list(''))).toEqual(['a/b']);
  });

  it('leaves no empty folders', async () => {
    await storage.put('a/b/c/d', 'd');
    await storage.put('a/e', 'e');
    await storage.remove('a/b/c/d');
    expect(existsSync(join(root, 'a', 'b'))).toBe(false);
    await storage.removeAll('a/');
    expect(readdirSync(root)).toEqual(['.incoming']);
  });

  it('takes a file by renaming it, as of now', async () => {
    const path = join(home, 'video');
    await writeFile(path, 'video');
    await utimes(path, 1, 1);
    const { ino } = await stat(path);
    await storage.putFile('a/video', path, { move: true });
    expect((await stat(join(root, 'a', 'video'))).ino).toBe(ino);
    expect((await storage.stat('a/video'))!.modified.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it('takes the target of a link, not the link', async () => {
    await writeFile(join(home, 'video'), 'video');
    await symlink(join(home, 'video'), join(home, 'link'));
    await storage.putFile('a/video', join(home, 'link'), { move: true });
    expect((await storage.read('a/video')).toString()).toBe('video');
    expect(readdirSync(home).sort()).toEqual(['root', 'video']);
  });

  it('lends its own files', async () => {
    await storage.put('a/b.mp4', 'b');
    await using lent = await storage.borrow('a/b.mp4');
    expect((await stat(lent.path)).ino).toBe((await stat(join(root, 'a', 'b.mp4'))).ino);
  });

  it('says that an object cannot be a folder', async () => {
    await storage.put('a/b', 'b');
    const path = join(home, 'c');
    await writeFile(path, 'c');
    const refused = { code: 'OUTPUT_UNWRITABLE' };
    for (const key of ['a', 'a/b/c', 'a/b/c/d']) {
      await expect(storage.put(key, ''), key).rejects.toMatchObject(refused);
      await expect(storage.putFile(key, path, { move: true }), key).rejects.toMatchObject(refused);
    }
    expect(await readFile(path, 'utf8')).toBe('c');
    expect((await storage.read('a/b')).toString()).toBe('b');
    expect(readdirSync(join(root, '.incoming'))).toEqual([]);
  });

  it('knows its space, has no addresses', async () => {
    const space = (await storage.space())!;
    expect(space.free).toBeGreaterThan(0);
    expect(space.total).toBeGreaterThanOrEqual(space.free);
    expect(await storage.presign('a', { seconds: 1, disposition: 'inline' })).toBeUndefined();
  });

  it('is not made anew when it has gone, such as a lost mount', async () => {
    await rm(root, { recursive: true });
    await writeFile(join(home, 'a'), 'a');
    const gone = { code: 'STORAGE_UNREACHABLE' };
    await expect(storage.put('a/b', 'b')).rejects.toMatchObject(gone);
    await expect(storage.putFile('a/b', join(home, 'a'), { move: true })).rejects.toMatchObject(gone);
    await expect(storage.space()).rejects.toMatchObject(gone);
    expect(readdirSync(home)).toEqual(['a']);
  });

  it('says that it cannot be written to', async () => {
    const unwritable = { code: 'STORAGE_UNREACHABLE', message: expect.stringContaining(root) };
    await writeFile(join(root, '.incoming'), 'in the way');
    await expect(storage.check()).rejects.toMatchObject(unwritable);
    await expect(storage.put('a', 'a')).rejects.toMatchObject(unwritable);
    await expect(openFilesystem({ root: join(root, '.incoming', 'deeper') })).rejects.toMatchObject(
      unwritable,
    );
  });

  it.skipIf(isRoot)('says that it is read-only (root may write anyway)', async () => {
    await storage.put('a', 'a');
    for (const folder of [join(root, '.incoming'), root]) await chmod(folder, 0o555);
    const unwritable = { code: 'STORAGE_UNREACHABLE', message: expect.stringContaining('EACCES') };
    await expect(storage.check()).rejects.toMatchObject(unwritable);
    await expect(storage.put('b', 'b')).rejects.toMatchObject(unwritable);
    expect((await storage.read('a')).toString()).toBe('a');
    for (const folder of [root, join(root, '.incoming')]) await chmod(folder, 0o755);
  });

  describe.skipIf(!isRoot || process.platform !== 'linux')('on other disks (mounting needs root)', () => {
    it('takes a file from another disk by copying it', async () => {
      const disk = join(home, 'disk');
      await withSmallDisk(disk, async () => {
        await writeFile(join(disk, 'video'), 'video');
        await storage.putFile('a/video', join(disk, 'video'), { move: true });
        expect(readdirSync(disk)).toEqual([]);
      });
      expect((await storage.read('a/video')).toString()).toBe('video');
      expect(readdirSync(join(root, '.incoming'))).toEqual([]);
    });

    it('says that it is full, and leaves nothing', async () => {
      const disk = join(home, 'disk');
      await withSmallDisk(disk, async () => {
        await using small = await openFilesystem({ root: disk });
        await small.put('a', 'old');
        const path = join(home, 'large');
        await writeFile(path, new Uint8Array(2 << 20));
        const full = { code: 'DISK_FULL', message: expect.stringMatching(/^[^\n]+$/) };
        await expect(small.put('a', new Uint8Array(2 << 20))).rejects.toMatchObject(full);
        await expect(small.putFile('a', path, { move: true })).rejects.toMatchObject(full);
        expect((await small.read('a')).toString()).toBe('old');
        expect(readdirSync(join(disk, '.incoming'))).toEqual([]);
        expect(existsSync(path)).toBe(true);
      });
    });
  });
});
