import { createHash } from 'node:crypto';
import { detectorsVersion } from '../../src/detection/detectors-version.ts';
import { PartsSeen } from '../../src/detection/parts-seen.ts';
import type { Measured } from '../../src/pipeline/review/measure-recording.ts';
import { packMeasured } from '../../src/pipeline/review/pack-measured.ts';
import { type RunnerStatement, writeStatement } from '../../src/pipeline/runners/statement.ts';
import type { OpeningKey } from '../../src/vault/keyring.ts';
import { openMedia } from '../../src/vault/open.ts';
import { signDetached } from '../../src/vault/sign.ts';
import type { Answer } from './api.ts';
import type { joinAsRunner } from './runner.ts';

type Played = Awaited<ReturnType<typeof joinAsRunner>>;

/** Nothing was heard and nothing was seen, for so long. */
export const nothingMeasured = (analysedDurationMs: number): Measured => ({
  features: { analysedDurationMs, fingerprints: [], subtitles: [], notAnalysed: [] },
  watched: {
    sounds: new Map(),
    music: new Map(),
    pictures: new Map([[0, new PartsSeen()]]),
    keypoints: new Map(),
    films: new Map(),
  },
  read: { notices: new Map(), notAnalysed: [] },
});

export const bodyPath = (leaseId: string) => `/api/v1/runner/leases/${leaseId}/body`;

/** Fetches and opens what was leased, and states it as an honest runner would. */
// biome-ignore lint/suspicious/noExplicitAny: a lease as the API answers it
export async function stateLease({ id, key, api }: Played, lease: any, result: Buffer): Promise<RunnerStatement> {
  const response = await fetch(api.url + bodyPath(lease.id), { headers: api.headers });
  const body = Buffer.from(await response.arrayBuffer());
  const { sealed } = lease;
  const source = await openMedia({
    envelope: Buffer.from(sealed.envelope, 'base64'),
    privateKeys: [key],
    bodyBytes: sealed.bodyBytes,
    mediaBytes: sealed.mediaBytes,
    framing: sealed.framing,
    async *fetch(start, end) {
      yield body.subarray(start, end);
    },
    expected: { salt: Buffer.from(sealed.salt, 'hex'), commitment: sealed.commitment },
  });
  const hash = createHash('sha256');
  for await (const piece of source.read(0, source.bytes)) hash.update(piece);
  source.close();
  return {
    kind: 'emanet.runner_result',
    v: 1,
    runner: id,
    job: lease.job,
    lease: lease.id,
    recording: {
      bodySha256: createHash('sha256').update(body).digest('hex'),
      mediaBytes: sealed.mediaBytes,
      mediaSha256: hash.digest('hex'),
    },
    detectors: detectorsVersion,
    result: { bytes: result.length, sha256: createHash('sha256').update(result).digest('hex') },
  };
}

export const packed = (measured: Measured): Buffer => Buffer.concat(packMeasured(measured));

/** Hands something in, true or not. */
export async function handIn(
  { api, key }: Played,
  leaseId: string,
  given: { statement: RunnerStatement | string; result: Buffer; signedBy?: OpeningKey; signature?: string },
): Promise<Answer> {
  const statement = typeof given.statement === 'string' ? given.statement : writeStatement(given.statement);
  const form = new FormData();
  form.set('statement', statement);
  form.set('signature', given.signature ?? (await signDetached(statement, given.signedBy ?? key)));
  form.set('file', new Blob([Uint8Array.from(given.result)]), 'result');
  return api.post(`/api/v1/runner/leases/${leaseId}/result`, form);
}
