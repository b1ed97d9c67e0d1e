import { expect, test } from 'vitest';
import { foldForSearch, foldName, normalizeContact } from '../../../src/domain/person.ts';

test.each([
  ['ILGIN  Işık', 'Ilgın Işık', true],
  ['İNCİ', 'inci', true],
  ['INCI', 'inci', false],
  ['10/I', '10/İ', false],
  ['Ays\u0327e', 'Ayşe', true],
  ['Ada', 'Ade', false],
])('%s and %s are one name: %s', (a, b, same) => {
  expect(foldName(a) === foldName(b)).toBe(same);
});

test.each([
  ['Şirin Üzümbağ', 'sirin uzumbag'],
  ['ILGIN', 'ilgin'],
  ['İnci', 'inci'],
  ['ليان', 'ليان'],
])('%s is searched for as %s', (name, folded) => {
  expect(foldForSearch(name)).toBe(folded);
});

test.each([
  ['email', ' Ayse@Posta.Example ', 'ayse@posta.example'],
  ['phone', '0500 000 00 07', '05000000007'],
  ['phone', '+90 (500) 000 0007', '+905000000007'],
  ['phone', '0044 7700 900123', '+447700900123'],
] as const)('%s %s is compared as %s', (kind, value, normal) => {
  expect(normalizeContact(kind, value)).toBe(normal);
});
