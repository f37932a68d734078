import { createLooks, type Looks, type LooksLimits } from './looks.ts';
import type { Pause } from './pause.ts';
import type { Tables } from './tables.ts';
import { toUnit } from './vectors.ts';

/** The looks of every model in memory, the same as in the tables. */
export interface KnownLooks {
  /** Of a model that is known; read when first asked for. */
  of(model: Model): Looks;
  /**
   * The ids of the looks of directions, which are added where there are none; no hour has these yet. `known`: ids that are
   * likely.
   */
  assign(
    model: Model,
    directions: readonly Int8Array[],
    known: Iterable<number>,
    pause: Pause,
  ): Promise<number[]>;
  /** One hour more, or one fewer, has runs that look like these. Those that no hour has any more are removed. */
  count(model: Model, looks: Iterable<number>, hours: 1 | -1): void;
  /** What is in memory may differ from the tables: they are read again. */
  forget(): void;
}

export interface Model {
  readonly id: number;
  readonly dim: number;
}

/** Looks that are compared first. */
const LIKELY = 64;

export function createKnownLooks(tables: Tables, limits: LooksLimits): KnownLooks {
  const models = new Map<number, Looks>();

  const read = ({ id: model, dim }: Model) => {
    const looks = createLooks(dim, limits);
    interface Kind {
      readonly id: number;
      readonly steps: ArrayBuffer;
    }
    const unitOf = ({ steps }: Kind) => toUnit(new Int8Array(steps));
    for (const kind of tables.all<Kind>('SELECT id, steps FROM kinds WHERE model = ? ORDER BY id', model))
      looks.addKind(kind.id, unitOf(kind));
    const all = 'SELECT id, kind, steps FROM looks WHERE model = ? ORDER BY id';
    for (const look of tables.all<Kind & { readonly kind: number }>(all, model))
      looks.add(look.id, look.kind, unitOf(look));
    return looks;
  };

  const of = (model: Model) => {
    const looks = models.get(model.id) ?? read(model);
    models.set(model.id, looks);
    return looks;
  };

  const add = (model: Model, looks: Looks, steps: Int8Array, unit: Float32Array) => {
    let kind = looks.findKind(unit);
    if (kind === undefined) {
      kind = tables.insert('INSERT INTO kinds (model, steps) VALUES (?, ?)', model.id, steps);
      looks.addKind(kind, unit);
    }
    const sql = 'INSERT INTO looks (model, kind, hours, steps) VALUES (?, ?, 0, ?)';
    const id = tables.insert(sql, model.id, kind, steps);
    looks.add(id, kind, unit);
    return id;
  };

  return {
    of,
    async assign(model, directions, known, pause) {
      const looks = of(model);
      const likely = new Set(known);
      const ids: number[] = [];
      for (const steps of directions) {
        if (ids.length % 64 === 63) await pause();
        const unit = toUnit(steps);
        const id = looks.find(unit, likely) ?? add(model, looks, steps, unit);
        ids.push(id);
        // The last ones are the likeliest.
        likely.delete(id);
        likely.add(id);
        const [first] = likely;
        if (likely.size > LIKELY) likely.delete(first);
      }
      return ids;
    },
    count(model, ids, hours) {
      const looks = of(model);
      const sql = 'UPDATE looks SET hours = hours + ? WHERE id = ? RETURNING hours AS have';
      for (const id of ids) {
        const look = tables.get<{ have: number }>(sql, hours, id);
        if (look && look.have > 0) continue;
        tables.run('DELETE FROM looks WHERE id = ?', id);
        looks.remove(id);
      }
    },
    forget: () => models.clear(),
  };
}
