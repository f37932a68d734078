import { join } from 'node:path';
import { Command, Option } from 'commander';
import { SidestreamError } from '../core/errors.ts';
import type { Keys, Role } from '../jobs/jobs.ts';
import type { Io } from './io.ts';
import { addCommon, type CommonOptions, settingsOf } from './options.ts';
import { table } from './table.ts';

const EXAMPLES = `
Examples:
  sidestream keys create ci --role operator        a key for a program that submits jobs
  sidestream keys list
  sidestream keys revoke 1a2b3c4d5e6f`;

/** Keys are the server's own: these commands run where its data are. */
export function keysCommand(io: Io): Command {
  const command = new Command('keys')
    .description("keys of the server's API; run where its data.directory is")
    .addHelpText('after', EXAMPLES);
  addCommon(command.command('create').description('make a key; it is shown this once'))
    .argument('<name>', 'what it is for')
    .addOption(
      new Option('--role <role>', 'viewer (read), operator (jobs, streams, clips) or admin (all)')
        .choices(['viewer', 'operator', 'admin'])
        .default('operator'),
    )
    .action(async (name: string, options: CommonOptions & { role: Role }) => {
      const { key, secret } = await withKeys(options, (keys) => keys.create(name, options.role));
      io.print(options.json ? JSON.stringify({ ...key, secret }) : secret);
      if (!options.json && !options.quiet)
        io.say(`key ${key.id} (${key.role}, ${key.name}): keep it, it is not shown again`);
    });
  addCommon(command.command('list').description('all keys, without their secrets')).action(
    async (options: CommonOptions) => {
      const list = await withKeys(options, (keys) => keys.list());
      if (options.json) return io.print(JSON.stringify(list, null, 2));
      const rows = list.map(({ id, name, role, created_at, revoked_at }) => [
        id,
        role,
        name,
        revoked_at ? `revoked ${revoked_at}` : `since ${created_at}`,
      ]);
      io.print(rows.length > 0 ? table(rows) : 'there is no key');
    },
  );
  addCommon(command.command('revoke').description('take a key out of force'))
    .argument('<id>', 'as list shows it')
    .action(async (id: string, options: CommonOptions) => {
      if (!(await withKeys(options, (keys) => keys.revoke(id))))
        throw new SidestreamError('USAGE', `there is no key ${id} in force: sidestream keys list shows them`);
    });
  return command;
}

async function withKeys<T>(options: CommonOptions, work: (keys: Keys) => T): Promise<T> {
  const [{ config }, { foldersOf }, { openDatabase }, { createKeys }] = await Promise.all([
    settingsOf(options),
    import('../config/folders.ts'),
    import('../jobs/database.ts'),
    import('../jobs/keys.ts'),
  ]);
  const db = openDatabase(join(foldersOf(config).data, 'records.sqlite'));
  try {
    return work(createKeys(db));
  } finally {
    db.close();
  }
}
