import { expect, test } from 'vitest';
import { maskContact } from '../../../src/domain/mask-contact.ts';

test.each([
  ['email', 'gulcin.sahingoz@posta.example', 'g…@posta.example'],
  ['email', 'ş@posta.example', '…@posta.example'],
  ['email', '"a@b"@posta.example', '"…@posta.example'],
  ['email', '@posta.example', '…'],
  ['email', 'nothing', '…'],
  ['phone', '+90 532 000 00 45', '…45'],
  ['phone', '112', '…'],
] as const)('%s %s is shown as %s', (kind, value, masked) => {
  expect(maskContact(kind, value)).toBe(masked);
});
