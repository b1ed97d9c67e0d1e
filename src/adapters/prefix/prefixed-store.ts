import type { ObjectStore, StoredObject } from '../../pipeline/ports/object-store.ts';

/** The part of a store below a prefix, which whoever uses it does not see: no name leads out of it. */
export function prefixedStore(store: ObjectStore, prefix: string): ObjectStore {
  const inside = (key: string) => prefix + key;
  async function* outside(objects: AsyncIterable<StoredObject>): AsyncIterable<StoredObject> {
    for await (const object of objects) yield { ...object, key: object.key.slice(prefix.length) };
  }
  return {
    describe: () => store.describe(),
    put: (key, body, options) => store.put(inside(key), body, options),
    compose: (key, from, options) => store.compose(inside(key), from.map(inside), options),
    get: (key, range, options) => store.get(inside(key), range, options),
    head: (key) => store.head(inside(key)),
    delete: (key) => store.delete(inside(key)),
    purge: (key) => store.purge(inside(key)),
    lock: (key, until) => store.lock(inside(key), until),
    listVersions: (below) => outside(store.listVersions(inside(below))),
    list: (below) => outside(store.list(inside(below))),
    abortUnfinished: (below, before) => store.abortUnfinished(inside(below), before),
  };
}
