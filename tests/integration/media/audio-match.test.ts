import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createFfmpegTools } from '../../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { type Finding, findingsOf, type RegisteredWork } from '../../../src/detection/findings.ts';
import { fileSource, hasMedia, mediaDir, oddFile } from '../../support/media.ts';

interface Case {
  readonly file: string;
  readonly segments: readonly { start: number; end: number; work: string; registered: boolean; audio: string | null }[];
}

const tools = createFfmpegTools();
const cases: readonly Case[] = hasMedia ? JSON.parse(readFileSync(`${mediaDir}/eval/truth.json`, 'utf8')) : [];
const works: RegisteredWork[] = [];

/** The labelled stretches that sound like a registered work. */
const audible = ({ segments }: Case) => segments.filter(({ registered, audio }) => registered && audio !== null);
const meets = (finding: Finding, segment: { start: number; end: number; work: string }) =>
  finding.title === segment.work && finding.startMs < segment.end * 1000 && finding.endMs > segment.start * 1000;

async function audioMatches(path: string): Promise<Finding[]> {
  await using source = await fileSource(path);
  const probe = await tools.probe(source);
  return findingsOf(probe, await tools.analyse(source, probe), works).filter(
    ({ source: from }) => from === 'audio_match',
  );
}

describe.skipIf(!hasMedia)('registered works in labelled lessons (needs the media folder: EMANET_MEDIA_DIR)', () => {
  beforeAll(async () => {
    const catalog: { work: string; file: string }[] = JSON.parse(
      readFileSync(`${mediaDir}/catalog_public.json`, 'utf8'),
    );
    for (const { work, file } of catalog) {
      await using source = await fileSource(`${mediaDir}/${file}`);
      works.push({ id: basename(file), title: work, rightsHolder: null, ...(await tools.fingerprint(source)) });
    }
  }, 120_000);

  it('finds at least 9 of 11, close to where they are, and nothing that is not there', async () => {
    const lines: string[] = [];
    let [found, wanted, wrong] = [0, 0, 0];
    for (const each of cases) {
      const matches = await audioMatches(`${mediaDir}/eval/${each.file}`);
      for (const segment of audible(each)) {
        wanted += 1;
        const match = matches.find((finding) => meets(finding, segment));
        if (match === undefined)
          lines.push(`missed  ${each.file} ${segment.work} ${segment.start}-${segment.end} s ${segment.audio}`);
        else {
          found += 1;
          lines.push(
            `found   ${each.file} ${segment.work} ${segment.start}-${segment.end} s as ${match.startMs}-${match.endMs} ms`,
          );
          expect(Math.abs(match.startMs - segment.start * 1000)).toBeLessThan(4_000);
          expect(Math.abs(match.endMs - segment.end * 1000)).toBeLessThan(4_000);
        }
      }
      for (const match of matches.filter((finding) => !audible(each).some((segment) => meets(finding, segment)))) {
        wrong += 1;
        lines.push(`wrong   ${each.file} ${match.title} ${match.startMs}-${match.endMs} ms`);
      }
    }
    console.info([...lines, `recall ${found}/${wanted}, false alarms ${wrong}`].join('\n'));
    expect(wanted).toBe(11);
    expect(found).toBeGreaterThanOrEqual(9);
    expect(wrong).toBe(0);
  }, 300_000);

  it('finds music that is only in the second sound track', async () => {
    const source = oddFile('music_only_in_second_audio_track.mkv');
    const probe = await tools.probe(source);
    const findings = findingsOf(probe, await tools.analyse(source, probe), works);
    expect(findings.filter(({ source: from }) => from === 'audio_match')).toMatchObject([
      { title: 'Karissa_Hobbs_-_Lets_Go_Fishin', evidence: { stream: 2 } },
    ]);
  });
});
