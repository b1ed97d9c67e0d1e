import pg from 'pg';
import { integrateLog } from '../../src/pipeline/oversight/integrate-log.ts';
import { testSigner } from '../support/log.ts';
import { entriesSql, startBenchDatabase } from './bench-database.ts';
import { type Bench, interleaved, type Row } from './measure.ts';

/** (a) One transaction per entry, from several connections, while the sequencer works. */
export const appending: Bench = {
  about: 'entries appended per second with 1, 8 and 64 writers: ours, plain INSERTs, and a hash chain under one lock',
  async measure(options) {
    const { isQuick, folder } = options;
    const seconds = isQuick ? 0.5 : 4;
    const bench = await startBenchDatabase(folder);
    try {
      // The peers: the same rows with the same kind of number, and what the log was before it became a tree.
      await bench.asOwner(
        `CREATE TABLE plain (arrival BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, canonical TEXT NOT NULL)`,
      );
      await bench.asOwner(
        `CREATE TABLE chained (seq BIGINT PRIMARY KEY, canonical TEXT NOT NULL, hash BYTEA NOT NULL)`,
      );
      await bench.asOwner(`CREATE FUNCTION chain() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE last RECORD;
        BEGIN
          PERFORM pg_advisory_xact_lock(1);
          SELECT seq, hash INTO last FROM chained ORDER BY seq DESC LIMIT 1;
          NEW.seq := COALESCE(last.seq, 0) + 1;
          NEW.hash := sha256(COALESCE(last.hash, '') || sha256(convert_to(NEW.canonical, 'UTF8')));
          RETURN NEW;
        END $$`);
      await bench.asOwner('CREATE TRIGGER chain BEFORE INSERT ON chained FOR EACH ROW EXECUTE FUNCTION chain()');
      await bench.asOwner('GRANT INSERT, SELECT ON plain, chained TO emanet_server');
      const texts = (await bench.asOwner(entriesSql, [1, 5_000])).rows.map(({ canonical }) => canonical as string);
      const outside = { database: bench.database, logSigner: testSigner() };
      await integrateLog(outside);
      const rate = async (table: string, writers: number) => {
        const clients = Array.from({ length: writers }, () => new pg.Client({ connectionString: bench.urls.server }));
        await Promise.all(clients.map((client) => client.connect()));
        const name = 'append';
        const text = `INSERT INTO ${table} (canonical) VALUES ($1)`;
        let appended = 0;
        let isOver = false;
        const sequencer = (async () => {
          while (table === 'audit_arrival' && !isOver) {
            await integrateLog(outside);
            await new Promise((resolve) => setTimeout(resolve, 1_000));
          }
        })();
        const began = performance.now();
        const until = began + seconds * 1000;
        await Promise.all(
          clients.map(async (client) => {
            while (performance.now() < until) {
              // Every entry has an id of its own, as the log asks for.
              const id = crypto.randomUUID();
              const canonical = texts[appended % texts.length]!.replace(
                /"id":"[0-9a-f-]{36}","object"/,
                `"id":"${id}","object"`,
              );
              await client.query({ name, text, values: [canonical] });
              appended += 1;
            }
          }),
        );
        const took = (performance.now() - began) / 1000;
        isOver = true;
        await sequencer;
        await Promise.all(clients.map((client) => client.end()));
        return appended / took;
      };
      const rows: Row[] = [];
      for (const writers of [1, 8, 64]) {
        options.say(`  ${writers} writers`);
        const found = await interleaved(options, {
          ours: () => rate('audit_arrival', writers),
          plain: () => rate('plain', writers),
          chained: () => rate('chained', writers),
        });
        rows.push(
          compare(
            `(a) appends, ${writers} writers`,
            found.ours!,
            'plain INSERTs',
            found.plain!,
            writers === 8 ? 0.6 : null,
          ),
          compare(
            `(a) appends, ${writers} writers`,
            found.ours!,
            'hash chain under a lock',
            found.chained!,
            writers === 64 ? 3 : null,
          ),
        );
      }
      return rows;
    } finally {
      await bench.stop();
    }
  },
};

function compare(name: string, value: number, peer: string, peerValue: number, least: number | null): Row {
  const ratio = value / peerValue;
  const bar = least === null ? '' : `>= ${least} x`;
  return { name, value, unit: '/s', peer, peerValue, ratio, bar, ok: least === null ? null : ratio >= least };
}
