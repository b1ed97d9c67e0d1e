import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type PlacedItem, packItems, readMusicPrints, shareSound, unpackItems } from '../../eval/music-prints.ts';
import { kinds, readMusicSources } from '../../eval/music-sources.ts';
import { seeded } from '../../eval/sound.ts';
import { mediaDir } from '../../support/media.ts';

const sources = await readMusicSources();
const roles = [...Object.entries(sources.groups), ['leftOut', sources.leftOut] as const];
const packagesOf = (of: (typeof roles)[number][1]) => [
  ...new Set(kinds.flatMap((kind) => of[kind].map(({ package: name }) => name))),
];

/** Packages that have sounds in more than one role. */
const inTwoRoles = (of: readonly (readonly string[])[]) => {
  const all = of.flatMap((names) => [...new Set(names)]);
  return all.filter((name, at) => all.indexOf(name) !== at);
};

describe('the packages that the music model is made of', () => {
  it('have one role each: a group, or left out', () => {
    expect(inTwoRoles(roles.map(([, group]) => packagesOf(group)))).toEqual([]);
    expect(inTwoRoles([...roles.map(([, group]) => packagesOf(group)), ['warzone2100-music']])).toEqual([
      'warzone2100-music',
    ]);
  });

  it('are none of those that the evaluation takes works from', () => {
    // What the catalogue said when this was written, for machines without the media.
    const evaluated = ['singularity-music', 'supertuxkart-data', 'naev-data', 'wesnoth-1.16-music', 'renpy-demo'];
    evaluated.push('asterisk-moh-opsound-wav', 'moviepy', 'gcompris-qt-data');
    const catalog = `${mediaDir}/catalog_public.json`;
    if (existsSync(catalog))
      for (const { source } of JSON.parse(readFileSync(catalog, 'utf8')))
        evaluated.push(...(/^Debian (?:source )?(\S+)/.exec(source)?.slice(1) ?? []));
    const used = roles.flatMap(([, group]) => packagesOf(group));
    expect(used.filter((name) => evaluated.includes(name))).toEqual([]);
  });

  it('are named with version, files and licence', () => {
    for (const [, group] of roles) {
      for (const kind of kinds) {
        expect(group[kind].length).toBeGreaterThan(0);
        for (const { version, files, licence } of group[kind]) {
          expect(version).toMatch(/\d/);
          expect(() => new RegExp(files)).not.toThrow();
          expect(licence).not.toBe('');
        }
      }
    }
  });

  it('have a print each, of the version that is named', async () => {
    const { sources: prints } = await readMusicPrints();
    const named = roles.flatMap(([, group]) =>
      kinds.flatMap((kind) => group[kind].map(({ package: name, version }) => `${kind} ${name} ${version}`)),
    );
    expect(prints.map(({ kind, package: name, version }) => `${kind} ${name} ${version}`).toSorted()).toEqual(
      named.toSorted(),
    );
    for (const { items } of prints) expect(items).not.toBe('');
  });
});

describe('prints of sounds', () => {
  const random = seeded(5);
  const items = (count: number): PlacedItem[] =>
    Array.from({ length: count }, (_, at) => ({ at: at * 40 + 3, value: Math.floor(random() * 2 ** 24) }));

  it('come back from their packed form, over long gaps too', () => {
    const some = [...items(20), { at: 5_000, value: 0xffffff }, { at: 5_255, value: 0 }, { at: 5_256, value: 1 }];
    expect(unpackItems(packItems(some))).toEqual(some);
  });

  it('tell a copy that begins elsewhere and lost half of its items, and nothing else', () => {
    const work = items(40);
    const copy = work
      .slice(10, 30)
      .flatMap(({ at, value }, place) => (place % 2 === 0 ? [] : [{ at: at - 200, value }]));
    expect(shareSound(copy, [...items(10), ...work])).toBe(true);
    expect(shareSound(copy, items(400))).toBe(false);
    // The same values at other distances are chance.
    expect(
      shareSound(
        copy.map(({ value }, at) => ({ at: at * 77, value })),
        work,
      ),
    ).toBe(false);
  });
});
