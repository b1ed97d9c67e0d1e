import { expect, it } from 'vitest';
import { findCaptionNotices } from '../../../src/detection/caption-notices.ts';
import { defaultWatchedNames } from '../../../src/domain/watched-names.ts';

const said = (...texts: string[]) =>
  texts.map((text, at) => ({ startMs: at * 2_000, endMs: at * 2_000 + 2_000, text, speaker: null }));
const find = (...texts: string[]) => findCaptionNotices({ language: 'tr', cues: said(...texts) }, defaultWatchedNames);

it.each([
  ['© 2024 Örnek Yayınevi', 'rights_notice', undefined],
  ['Bu videonun tüm hakları saklıdır.', 'rights_notice', undefined],
  ['TÜM HAKLARI SAKLIDIR', 'rights_notice', undefined],
  ['no part of this may be copied', 'rights_notice', undefined],
  ['lisansı CC BY-SA 4.0', 'rights_notice', undefined],
  ['Resim Getty Images’tan', 'watched_name', 'Getty Images'],
  ['bunu TRT’de gördük', 'watched_name', 'TRT'],
])('%s', (text, kind, name) => {
  expect(find('Günaydın.', text)).toMatchObject([{ source: 'subtitle', startMs: 2_000, evidence: { kind } }]);
  expect(find(text)[0]?.rightsHolder).toBe(name);
});

it.each(['Haklarımız nelerdir?', 'vimeonun', 'trtx', 'her hakkı vardır', 'izinsiz geldi', 'Netflik'])(
  'is silent on: %s',
  (text) => {
    expect(find(text)).toEqual([]);
  },
);

it('a notice over two captions is found once, over both; who speaks is text too', () => {
  expect(find('Tüm hakları', 'saklıdır dediler.')).toMatchObject([{ startMs: 0, endMs: 4_000 }]);
  const cues = [{ startMs: 0, endMs: 1_000, text: 'Merhaba', speaker: 'Getty Images' }];
  expect(findCaptionNotices({ language: 'en', cues }, defaultWatchedNames)).toMatchObject([
    { rightsHolder: 'Getty Images' },
  ]);
});

it('joins what is said again soon, and ends in one finding over the rest', () => {
  expect(find('Netflix', 'ne', 'Netflix', 'Netflix')).toMatchObject([{ startMs: 0, endMs: 8_000 }]);
  const far = Array.from({ length: 500 }, (_, at) => ({
    startMs: at * 60_000,
    endMs: at * 60_000 + 1_000,
    text: 'Netflix',
    speaker: null,
  }));
  const found = findCaptionNotices({ language: 'tr', cues: far }, defaultWatchedNames);
  expect(found).toHaveLength(200);
  expect(found.at(-1)).toMatchObject({ startMs: 199 * 60_000, endMs: 499 * 60_000 + 1_000 });
  expect(new Set(found.map(({ key }) => key)).size).toBe(200);
});

it('the longest captions are looked at within seconds', () => {
  const cues = Array.from({ length: 20_000 }, (_, at) => ({
    startMs: at * 500,
    endMs: at * 500 + 400,
    text: 'Bugün hücrenin yapısını ve görevlerini hep birlikte inceleyeceğiz.',
    speaker: 'Ada Yılmaz',
  }));
  const before = performance.now();
  expect(findCaptionNotices({ language: 'tr', cues }, defaultWatchedNames)).toEqual([]);
  console.info(
    `20,000 captions against ${defaultWatchedNames.length} names: ${Math.round(performance.now() - before)} ms`,
  );
  expect(performance.now() - before).toBeLessThan(10_000);
});
