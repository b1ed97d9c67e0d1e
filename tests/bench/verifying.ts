import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { canonicalJson } from '../../src/audit/canonical-json.ts';
import { signCheckpoint } from '../../src/audit/checkpoint.ts';
import { formatLine, toEntryLine } from '../../src/audit/export-format.ts';
import { leafHash, RightEdge } from '../../src/audit/merkle.ts';
import { keyOf, testSigner } from '../support/log.ts';
import { atMost, type Bench, interleaved } from './measure.ts';

const root = join(import.meta.dirname, '../..');
const mostSeconds = 20;
const mostMib = 200;

/** (b) `emanet-verify` on a complete export, as a process of its own. */
export const verifying: Bench = {
  about: 'verifying a complete export of 1,000,000 entries offline: time and memory',
  async measure(options) {
    const entries = options.isQuick ? 2_000 : 1_000_000;
    const file = join(options.folder, 'log.jsonl');
    const key = await writeExport(file, entries);
    const { size } = await stat(file);
    options.say(`  ${entries} entries, ${(size / 2 ** 20).toFixed(0)} MiB`);
    const peaks: number[] = [];
    const found = await interleaved(options, {
      ours: async () => {
        const began = performance.now();
        peaks.push(await verify(file, key));
        return (performance.now() - began) / 1000;
      },
      sha256: async () => {
        const began = performance.now();
        await pipeline(createReadStream(file), createHash('sha256'));
        return (performance.now() - began) / 1000;
      },
    });
    const hashing = { name: 'SHA-256 of the file', value: found.sha256! };
    return [
      atMost(`(b) verifying ${entries} entries`, found.ours!, 's', mostSeconds, hashing),
      atMost(`(b) verifying ${entries} entries, peak memory`, Math.max(...peaks), 'MiB', mostMib),
    ];
  },
};

/** Returns the peak memory of the process in MiB. @throws Error unless it says that the file is intact. */
function verify(file: string, key: string): Promise<number> {
  const report = 'process.on("exit", () => process.stderr.write(process.resourceUsage().maxRSS + " "))';
  const child = spawn(join(root, 'scripts/emanet-verify'), [file, '--key', key], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(report)}` },
  });
  let said = '';
  let peak = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  child.stderr.on('data', (text) => {
    peak += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0
        ? resolve(Number(peak.trim().split(' ').at(-1)) / 1024)
        : reject(new Error(`it should be intact: ${code} ${said} ${peak}`)),
    );
  });
}

/** A checkpoint after every thousand entries, as a busy log has them. */
async function writeExport(file: string, entries: number): Promise<string> {
  const signer = testSigner();
  const textOf = (n: number) =>
    canonicalJson({
      v: 1,
      id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      at: new Date(Date.UTC(2026, 0, 1) + n * 20_000).toISOString(),
      actor: {
        kind: 'staff',
        id: `a0000000-0000-4000-8000-${String(n % 200).padStart(12, '0')}`,
        addressDigest: 'd'.repeat(64),
      },
      action: 'media.served',
      outcome: 'done',
      object: { kind: 'recording', id: 'r', recordingId: 'r', lessonId: 'l' },
      details: { bytes: (n * 31) % 1_048_576, aboutSeconds: [n % 3_000, (n % 3_000) + 8] },
    });
  const edge = new RightEdge();
  const note = () => signCheckpoint({ origin: signer.name, size: edge.size, root: edge.root() }, signer);
  // The head stands in front of what it speaks of: the tree is made twice.
  for (let n = 1; n <= entries; n++) edge.append(leafHash(textOf(n)));
  const head = note();
  async function* lines() {
    yield formatLine({ format: 'emanet-log', v: 1, entries: 'all', filter: {}, checkpoint: head, key: keyOf(signer) });
    const growing = new RightEdge();
    let batch = '';
    for (let n = 1; n <= entries; n++) {
      const text = textOf(n);
      growing.append(leafHash(text));
      batch += formatLine(toEntryLine(n, text, leafHash(text)));
      if (n % 1_000 !== 0 && n !== entries) continue;
      if (n < entries)
        batch += formatLine({
          checkpoint: signCheckpoint({ origin: signer.name, size: n, root: growing.root() }, signer),
        });
      yield batch;
      batch = '';
    }
    yield formatLine({ end: entries });
  }
  await pipeline(Readable.from(lines()), createWriteStream(file));
  return keyOf(signer);
}
