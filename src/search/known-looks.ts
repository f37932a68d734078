import { createLooks, type Looks, type LooksLimits } from './looks.ts';
import type { Tables } from './tables.ts';
import { toUnit } from './vectors.ts';

/** The looks of every model in memory, the same as in the tables. */
export interface KnownLooks {
  /** Of a model that is known; read when first asked for. */
  of(model: Model): Looks;
  /** The ids of the looks of vectors, which are added where there are none. `known`: ids that are likely. */
  assign(model: Model, vectors: readonly Int8Array[], known: Iterable<number>): number[];
  /** One part more, or one fewer, has runs that look like these. Those that no part has any more are removed. */
  count(model: Model, looks: Iterable<number>, parts: 1 | -1): void;
  /** What is in memory may differ from the tables: they are read again. */
  forget(): void;
}

export interface Model {
  readonly id: number;
  readonly dim: number;
}

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
    const sql = 'INSERT INTO looks (model, kind, parts, steps) VALUES (?, ?, 0, ?)';
    const id = tables.insert(sql, model.id, kind, steps);
    looks.add(id, kind, unit);
    return id;
  };

  return {
    of,
    assign(model, vectors, known) {
      const looks = of(model);
      const likely = new Set(known);
      return vectors.map((steps) => {
        const unit = toUnit(steps);
        const id = looks.find(unit, likely) ?? add(model, looks, steps, unit);
        likely.add(id);
        return id;
      });
    },
    count(model, ids, parts) {
      const looks = of(model);
      const sql = 'UPDATE looks SET parts = parts + ? WHERE id = ? RETURNING parts AS have';
      for (const id of ids) {
        const look = tables.get<{ have: number }>(sql, parts, id);
        if (look && look.have > 0) continue;
        tables.run('DELETE FROM looks WHERE id = ?', id);
        looks.remove(id);
      }
    },
    forget: () => models.clear(),
  };
}
