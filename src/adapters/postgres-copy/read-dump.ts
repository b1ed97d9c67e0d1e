import { DumpRefused } from '../../pipeline/ports/database-copy.ts';

/** What a dump consists of, in its order. `rows` is read to its end before the next part is asked for. */
export type DumpPart =
  | {
      readonly kind: 'rows';
      readonly schema: string;
      readonly name: string;
      readonly columns: readonly string[];
      readonly rows: AsyncIterable<Uint8Array>;
    }
  | { readonly kind: 'sequence'; readonly schema: string; readonly name: string; readonly last: string };

const copyLine = /^COPY "(\w+)"\."(\w+)" \(("\w+"(?:, "\w+")*)\) FROM stdin;$/;
const sequenceLine = /^SELECT pg_catalog\.setval\('"(\w+)"\."(\w+)"', (\d{1,19}), true\);$/;
/** Ends the rows of a table. In text form no row looks like it: a backslash in a value is written twice. */
const end = Buffer.from('\\.\n');
const mostLineBytes = 64 * 1024;

/** Takes a dump apart. Nothing in it is run: of SQL it knows two forms. @throws DumpRefused. */
export async function* readDump(octets: AsyncIterable<Uint8Array>): AsyncGenerator<DumpPart> {
  const source = new Lines(octets);
  for (let line = await source.line(); line !== null; line = await source.line()) {
    if (line === '' || line.startsWith('--')) continue;
    const copy = copyLine.exec(line);
    if (copy) {
      const [, schema = '', name = '', columns = ''] = copy;
      const rows = source.rows();
      yield { kind: 'rows', schema, name, columns: columns.split(', ').map((one) => one.slice(1, -1)), rows };
      if (source.isInRows) throw new DumpRefused(`the rows of ${schema}.${name} were not read to their end`);
      continue;
    }
    const sequence = sequenceLine.exec(line);
    if (!sequence) throw new DumpRefused(`no line of a dump: ${JSON.stringify(line.slice(0, 80))}`);
    const [, schema = '', name = '', last = ''] = sequence;
    yield { kind: 'sequence', schema, name, last };
  }
}

class Lines {
  readonly #source: AsyncIterator<Uint8Array>;
  #held = Buffer.alloc(0);
  isInRows = false;

  constructor(octets: AsyncIterable<Uint8Array>) {
    this.#source = octets[Symbol.asyncIterator]();
  }

  /** The next line without its end; null after the last one. */
  async line(): Promise<string | null> {
    for (;;) {
      const at = this.#held.indexOf(10);
      if (at >= 0) {
        const line = this.#held.toString('utf8', 0, at);
        this.#held = this.#held.subarray(at + 1);
        return line;
      }
      if (this.#held.length > mostLineBytes) throw new DumpRefused('a line that is too long');
      if (await this.#more()) continue;
      if (this.#held.length > 0) throw new DumpRefused('it ends within a line');
      return null;
    }
  }

  /** Everything up to the line that ends the rows. */
  async *rows(): AsyncGenerator<Uint8Array> {
    this.isInRows = true;
    for (;;) {
      // What is held begins with a line.
      const at = this.#held.subarray(0, end.length).equals(end) ? 0 : this.#held.indexOf('\n\\.\n') + 1;
      const isOver = at > 0 || this.#held.subarray(0, end.length).equals(end);
      const whole = isOver ? at : this.#held.lastIndexOf(10) + 1;
      if (whole > 0) yield this.#held.subarray(0, whole);
      this.#held = this.#held.subarray(isOver ? whole + end.length : whole);
      if (isOver) {
        this.isInRows = false;
        return;
      }
      if (!(await this.#more())) throw new DumpRefused('it ends within the rows of a table');
    }
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#source.next();
    if (done) return false;
    // The pieces belong to their sender once the next one is asked for.
    this.#held = Buffer.concat([this.#held, value]);
    return true;
  }
}
