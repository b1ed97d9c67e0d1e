import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFfmpegTools } from '../../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { findingsOf } from '../../../src/detection/findings.ts';
import { Refusal } from '../../../src/domain/errors.ts';
import type { MediaFeatures, MediaProbe, MediaSource } from '../../../src/pipeline/ports/media.ts';
import { fileSource, hasMedia, listenAsCanary, mediaDir, oddFile } from '../../support/media.ts';

/**
 * Every line of `odd/EXPECTED.tsv` against the real tools. The attack files point at 127.0.0.1:18080, where a listener
 * counts connections, and at /etc/passwd, whose content must turn up nowhere.
 */

/** Lines where we deliberately do something else, and why. */
const deviations: Readonly<Record<string, string>> = {
  'make_sparse_gt4g.py': 'a program that makes the file: tested on its own below',
  'zoom_playback.m3u':
    'a companion of a recording and not one itself: refused as a playlist when it is sent as a recording',
  'ffx_video-overhang.ogg': 'has no Vorbis headers, and ffmpeg 5.1 opens none of it: refused as damaged',
};

type Outcome = { refused: Refusal } | { probe: MediaProbe; features: MediaFeatures };

const tools = createFfmpegTools();
const expected = hasMedia
  ? readFileSync(`${mediaDir}/odd/EXPECTED.tsv`, 'utf8')
      .split('\n')
      .filter((line) => line.includes('\t'))
      .map((line) => line.split('\t') as [string, string])
      .filter(([name]) => !(name in deviations))
  : [];

async function handle(source: MediaSource): Promise<Outcome> {
  try {
    const probe = await tools.probe(source);
    return { probe, features: await tools.analyse(source, probe) };
  } catch (error) {
    if (error instanceof Refusal) return { refused: error };
    throw error;
  }
}

function accepted(outcome: Outcome): { probe: MediaProbe; features: MediaFeatures } {
  if ('refused' in outcome) throw new Error(`refused: ${JSON.stringify(outcome.refused.reasons)}`);
  return outcome;
}

const codes = (probe: MediaProbe) => probe.warnings.map((warning) => warning.code);

/** What each kind of expectation means for an outcome. The first rule whose words begin the line decides. */
const rules: readonly (readonly [RegExp, (outcome: Outcome, name: string) => void])[] = [
  [/^REJECT/, (outcome) => expect('refused' in outcome).toBe(true)],
  [/^bounded memory|^ACCEPT or REJECT/, () => undefined],
  [
    /^type decided from content/,
    (outcome, name) => {
      const { probe } = accepted(outcome);
      if (name.startsWith('wrong_ext')) return expect(probe.container).toBe(name.includes('mkv') ? 'matroska' : 'mp4');
      expect(codes(probe)).toContain(name.includes('attached') ? 'ATTACHED_FILE' : 'TRAILING_DATA');
    },
  ],
  [/^ACCEPT; location/, (outcome) => expect(codes(accepted(outcome).probe)).toContain('PERSONAL_METADATA')],
  [
    /^ACCEPT-UNSCANNABLE/,
    (outcome) => {
      const { probe, features } = accepted(outcome);
      const reported = new Set(features.notAnalysed.map(({ stream }) => stream));
      for (const stream of probe.streams) expect(reported).toContain(stream.index);
    },
  ],
  [
    /^ACCEPT WITH WARNING/,
    (outcome) => {
      if (!('refused' in outcome)) expect(outcome.features.notAnalysed.length).toBeGreaterThan(0);
    },
  ],
  [
    /^ACCEPT; copyright notice/,
    (outcome) => {
      const { probe, features } = accepted(outcome);
      expect(findingsOf(probe, features).map(({ source }) => source)).toEqual(['tag', 'subtitle']);
    },
  ],
  [
    /^ACCEPT; audio analysis/,
    (outcome) => {
      const { probe, features } = accepted(outcome);
      expect(codes(probe).includes('NO_AUDIO') || features.fingerprints.every(({ silent }) => silent)).toBe(true);
      expect(features.notAnalysed).toEqual([]);
    },
  ],
  [
    /^ACCEPT; music flagged/,
    (outcome) => expect(accepted(outcome).features.fingerprints.map(({ stream }) => stream)).toEqual([1, 2]),
  ],
  [
    /^ACCEPT; correct duration/,
    (outcome) => {
      const { probe, features } = accepted(outcome);
      const declaredMs = probe.declaredDurationMs;
      // A transport stream made of two declares only the first one's length.
      if (declaredMs === null || probe.container === 'mpegts') return;
      const short = declaredMs - features.analysedDurationMs;
      expect(short <= Math.max(1_000, declaredMs * 0.02) || features.notAnalysed.length > 0).toBe(true);
    },
  ],
];

describe.skipIf(!hasMedia)('odd files (needs the media folder: EMANET_MEDIA_DIR)', () => {
  let canary: Awaited<ReturnType<typeof listenAsCanary>>;
  let folder: string;
  beforeAll(async () => {
    canary = await listenAsCanary(18_080);
    folder = await mkdtemp(join(tmpdir(), 'emanet-test-'));
  });
  afterAll(async () => {
    await canary[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(expected)('%s: %s', async (name, expectation) => {
    const started = performance.now();
    const outcome = await handle(oddFile(name));
    const seconds = (performance.now() - started) / 1000;
    const rule = rules.find(([pattern]) => pattern.test(expectation));
    if (rule === undefined) throw new Error(`no rule for: ${expectation}`);
    rule[1](outcome, name);
    expect(seconds).toBeLessThan(10);
    expect(canary.hits()).toBe(0);
    const said =
      'refused' in outcome ? [outcome.refused.message, outcome.refused.reasons] : [outcome.probe, outcome.features];
    expect(JSON.stringify(said)).not.toMatch(/root:[^:]*:0:0/);
    if ('refused' in outcome) expect(outcome.refused.message).not.toMatch(/127\.0\.0\.1:\d+\/[\w-]{20}/);
  });

  it.each(Object.entries(deviations))('%s differs on purpose: %s', async (name) => {
    expect('refused' in (await handle(oddFile(name)))).toBe(true);
    expect(canary.hits()).toBe(0);
  });

  it('takes the decoded length where the head of a file says 3 ms, and reports the rest', async () => {
    const bytes = readFileSync(`${mediaDir}/odd/vp9_opus.webm`);
    // Matroska's Duration (4489), a double: milliseconds.
    const at = bytes.indexOf(Buffer.from('448988', 'hex'));
    const wholeMs = bytes.readDoubleBE(at + 3);
    expect(wholeMs).toBeGreaterThan(10_000);
    bytes.writeDoubleBE(3, at + 3);
    const path = join(folder, 'head.webm');
    await writeFile(path, bytes);
    await using source = await fileSource(path);
    const { probe, features } = accepted(await handle(source));
    expect(probe.declaredDurationMs).toBe(3);
    expect(Math.abs(features.analysedDurationMs - wholeMs)).toBeLessThan(200);
    expect(features.notAnalysed).toMatchObject([
      { stream: null, startMs: 3, endMs: features.analysedDurationMs, why: 'LONGER_THAN_DECLARED' },
    ]);
  });

  it('accepts a file larger than 4 GiB, reading only what it needs', async (context) => {
    const path = join(folder, 'sparse.mp4');
    try {
      execFileSync('python3', [`${mediaDir}/odd/make_sparse_gt4g.py`, `${mediaDir}/odd/faststart.mp4`, path]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') context.skip('no python3 to make it with');
      throw error;
    }
    await using source = await fileSource(path);
    expect(source.bytes).toBeGreaterThan(4 * 1024 ** 3);
    const { probe, features } = accepted(await handle(source));
    expect(probe.declaredDurationMs).toBe(12_000);
    expect(features).toMatchObject({ analysedDurationMs: 12_000, notAnalysed: [] });
  });

  it('proves that its canary would sing', async () => {
    await fetch('http://127.0.0.1:18080/');
    expect(canary.hits()).toBe(1);
  });
});
