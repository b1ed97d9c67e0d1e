import { expect, test } from 'vitest';
import type { Cue } from '../../../../src/domain/captions/cue.ts';
import { isNamedIn } from '../../../../src/domain/captions/names.ts';

const cues = (...said: readonly (readonly [text: string, speaker?: string])[]): Cue[] =>
  said.map(([text, speaker = null], at) => ({ startMs: at * 1_000, endMs: at * 1_000 + 900, text, speaker }));

test.each([
  ['as it is written', cues(['Merhaba Işıl Söğüt, hoş geldin.'])],
  ['as recognition writes it', cues(['merhaba isil sogut hos geldin'])],
  ['in capitals', cues(['IŞIL SÖĞÜT'])],
  ['over two lines', cues(['Bunu Işıl\nSöğüt söyledi'])],
  ['over two cues', cues(['Bunu Işıl'], ['Söğüt söyledi'])],
  ['as who speaks', cues(['Buradayım.', 'Işıl Söğüt (7-A)'])],
])('a name is found %s', (_, said) => {
  expect(isNamedIn(said, 'Işıl  Söğüt')).toBe(true);
});

test.each([
  ['a first name alone', cues(['Işıl nerede?'])],
  ['a longer word', cues(['Işıl Söğütlü geldi', 'Fışıl Söğüt'])],
  ['first and last name of two who speak', cues(['Evet.', 'Işıl'], ['Hayır.', 'Söğüt'])],
  ['nothing', cues()],
])('%s is not the name', (_, said) => {
  expect(isNamedIn(said, 'Işıl Söğüt')).toBe(false);
});

test('nobody without a name is named', () => {
  expect(isNamedIn(cues(['— evet —']), '—')).toBe(false);
});
