import { createHash, generateKeyPairSync } from 'node:crypto';
import { canonicalJson } from '../../src/audit/canonical-json.ts';
import { signCheckpoint } from '../../src/audit/checkpoint.ts';
import type { PackManifest } from '../../src/audit/evidence.ts';
import { type ExportLine, formatLine, toBase64, toEntryLine } from '../../src/audit/export-format.ts';
import {
  consistencyProof,
  type Hash,
  inclusionProof,
  leafHash,
  nodeHash,
  type ReadHash,
  rootOf,
} from '../../src/audit/merkle.ts';
import { encodeVerifierKey, type NoteSigner } from '../../src/audit/signed-note.ts';
import { partialTiles, tilePath } from '../../src/audit/tile-shape.ts';
import { TileEdge } from '../../src/audit/tiles.ts';

export function testSigner(name = 'school.example/emanet-test'): NoteSigner {
  return { name, privateKey: generateKeyPairSync('ed25519').privateKey };
}

export const keyOf = ({ name, privateKey }: NoteSigner) => encodeVerifierKey(name, privateKey);

/** A log in memory, made of the texts of its entries; every question recomputes all of it. */
export class TestLog {
  readonly texts: readonly string[];
  readonly signer: NoteSigner;

  constructor(texts: readonly string[], signer: NoteSigner) {
    this.texts = texts;
    this.signer = signer;
  }

  static of(entries: number, signer: NoteSigner): TestLog {
    const texts = Array.from({ length: entries }, (_, at) =>
      canonicalJson({ action: 'test.done', id: `e${at + 1}`, v: 1 }),
    );
    return new TestLog(texts, signer);
  }

  get size(): number {
    return this.texts.length;
  }

  note(size = this.size): string {
    return signCheckpoint({ origin: this.signer.name, size, root: rootOf(size, this.#read()) }, this.signer);
  }

  /** The complete export, with checkpoints after the given entries. */
  exportAll(checkpoints: readonly number[] = []): ExportLine[] {
    const body = this.texts.flatMap((text, at): ExportLine[] => [
      toEntryLine(at + 1, text, leafHash(text)),
      ...(checkpoints.includes(at + 1) ? [{ checkpoint: this.note(at + 1) }] : []),
    ]);
    return [this.#head('all'), ...body, { end: this.size }];
  }

  /** Some entries with their proofs, and older checkpoints with theirs. */
  exportSome(seqs: readonly number[], checkpoints: readonly number[] = []): ExportLine[] {
    const read = this.#read();
    return [
      this.#head('some'),
      ...seqs.map((seq) => {
        const text = this.texts[seq - 1]!;
        return toEntryLine(seq, text, leafHash(text), this.proof(seq));
      }),
      ...checkpoints.map((size) => ({
        checkpoint: this.note(size),
        proof: consistencyProof(size, this.size, read).map(toBase64),
      })),
      { end: seqs.length },
    ];
  }

  /** The inclusion proof of an entry. */
  proof(seq: number): Hash[] {
    return inclusionProof(seq - 1, this.size, this.#read());
  }

  /** Every tile, by its path, as it would be published. */
  tiles(): Map<string, Buffer> {
    const tiles = new Map<string, Buffer>();
    const edge = new TileEdge();
    for (const text of this.texts)
      for (const { hashes, root: _, ...tile } of edge.append(leafHash(text))) tiles.set(tilePath(tile), hashes);
    for (const tile of partialTiles(this.size)) tiles.set(tilePath(tile), edge.partial(tile.level));
    return tiles;
  }

  /** The files of an evidence pack about some entries; one further entry, the last, vouches for it. */
  pack(
    seqs: readonly number[],
    change: { manifest?: Partial<PackManifest>; vouching?: string; own?: Partial<Record<string, unknown>> } = {},
  ): Record<string, string> {
    const sha256 = (octets: string) => createHash('sha256').update(octets).digest('hex');
    const files: Record<string, string> = { 'record.json': '{}\n', 'report-en.pdf': '%PDF' };
    const leaves = createHash('sha256');
    for (const seq of seqs) leaves.update(leafHash(this.texts[seq - 1]!));
    const manifest = JSON.stringify({
      format: 'emanet-evidence',
      v: 1,
      about: { kind: 'recording', id: 'r' },
      madeAt: '2026-01-01T00:00:00.000Z',
      entries: seqs.length,
      leaves: leaves.digest('hex'),
      files: Object.fromEntries(Object.entries(files).map(([name, octets]) => [name, sha256(octets)])),
      ...change.manifest,
    });
    const own = {
      action: 'audit.pack_made',
      details: { manifest: change.vouching ?? sha256(manifest) },
      ...change.own,
    };
    const log = new TestLog([...this.texts, canonicalJson(own)], this.signer);
    const lines = log.exportSome([...seqs, log.size]).map(formatLine);
    return { ...files, 'manifest.json': manifest, 'log.jsonl': lines.join('') };
  }

  #head(entries: 'all' | 'some'): ExportLine {
    const filter = entries === 'all' ? {} : { action: 'test.done' };
    return { format: 'emanet-log', v: 1, entries, filter, checkpoint: this.note(), key: keyOf(this.signer) };
  }

  #read(): ReadHash {
    const rows: Hash[][] = [this.texts.map((text) => leafHash(text))];
    for (let row = rows[0]!; row.length > 1; rows.push(row))
      row = Array.from({ length: row.length >> 1 }, (_, at) => nodeHash(row[2 * at]!, row[2 * at + 1]!));
    return ({ height, index }) => rows[height]![index]!;
  }
}
