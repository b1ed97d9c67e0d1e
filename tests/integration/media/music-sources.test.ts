import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  chromaprintOf,
  keptItems,
  keptOfKind,
  type PlacedItem,
  readMusicPrints,
  type SourcePrint,
  shareSound,
  unpackItems,
} from '../../eval/music-prints.ts';
import { readCatalog } from '../../eval/registry.ts';
import { hasMedia, mediaDir } from '../../support/media.ts';

/** Works and voices of the evaluation: `[name, path]`. */
async function evaluated(): Promise<[string, string][]> {
  const works = (await readCatalog(mediaDir)).filter(({ type }) => type !== 'image');
  const voices = readdirSync(join(mediaDir, 'speech')).flatMap((folder) =>
    readdirSync(join(mediaDir, 'speech', folder)).map((file) => `speech/${folder}/${file}`),
  );
  const others = ['lectures', 'labelled'].flatMap((folder) =>
    readdirSync(join(mediaDir, folder)).map((file) => `${folder}/${file}`),
  );
  return [
    ...works.map(({ work, file }): [string, string] => [work, file]),
    ...[...voices, ...others].map((file): [string, string] => [file, file]),
  ];
}

describe.runIf(hasMedia)('the sounds that the music model is made of', () => {
  it('are not in the evaluation, by fingerprint', { timeout: 300_000 }, async () => {
    const { sources, knownOverlap } = await readMusicPrints();
    const unpacked = [...sources, knownOverlap].map((print): [SourcePrint, PlacedItem[]] => [
      print,
      unpackItems(print.items),
    ]);
    const shared: string[] = [];
    let compared = 0;
    for (const [name, file] of await evaluated()) {
      const print = await chromaprintOf(['-i', join(mediaDir, file)]).catch(() => null);
      // A picture, or a lecture without sound.
      if (print === null) continue;
      compared += 1;
      const kept = new Map([8, 32].map((of) => [of, keptItems(print, of)]));
      for (const [source, items] of unpacked)
        if (shareSound(kept.get(keptOfKind(source.kind))!, items)) shared.push(`${source.package}: ${name}`);
    }
    expect(compared).toBeGreaterThan(90);
    // The package that was taken out of the training: without it, the comparison would have proven nothing.
    expect(shared).toEqual(['asterisk-moh-opsound-wav: manolo_camp-morning_coffee']);
  });
});
