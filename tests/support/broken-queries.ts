import pg from 'pg';

/** What happens to one query: it runs; it never reaches the server; or it runs and its answer is lost. */
export type Fate = 'runs' | 'unsent' | 'unanswered';

type Done = (error: Error | null, result?: unknown) => void;
type Query = (...args: unknown[]) => Promise<unknown> | undefined;

/** As `pg` says it when a connection breaks. */
const terminated = () => new Error('Connection terminated unexpectedly');

/**
 * Breaks the connection to the database at chosen queries of this process. Everything is as before at the end of the block.
 */
export function breakQueries() {
  let broken: () => Error = terminated;
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  let fateOf: (text: string, index: number) => Fate = () => 'runs';
  let index = 0;
  prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const first = args[0] as string | { text?: string };
    const fate = fateOf(typeof first === 'string' ? first : (first.text ?? ''), index++);
    if (fate === 'runs') return query.apply(this, args);
    const last = args.at(-1);
    const done = typeof last === 'function' ? (last as Done) : null;
    const given = done ? args.slice(0, -1) : args;
    const sent =
      fate === 'unsent'
        ? Promise.resolve()
        : new Promise<void>((resolve, reject) =>
            query.apply(this, [...given, (error: Error | null) => (error ? reject(error) : resolve())]),
          );
    const lost = sent.then(() => {
      // As a broken connection, it serves no other query.
      (this as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
      throw broken();
    });
    if (!done) return lost;
    lost.catch(done);
    return undefined;
  };
  return {
    /** `next` is asked with the text of each query, and how many came before it from now on. */
    arm(next: typeof fateOf, as = terminated): void {
      fateOf = next;
      broken = as;
      index = 0;
    },
    [Symbol.dispose]() {
      prototype.query = query;
    },
  };
}
