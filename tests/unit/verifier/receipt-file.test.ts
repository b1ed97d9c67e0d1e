import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { writeReceipt } from '../../../src/audit/receipt.ts';
import { Unusable, verifyFile } from '../../../src/verifier/verify-file.ts';
import { entryOnLog, someEvidence, someTerms } from '../../support/evidence.ts';

const folder = mkdtempSync(join(tmpdir(), 'emanet-receipt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('whatever byte of the file is changed, the program does not call it intact', async () => {
  const terms = someTerms();
  const evidence = someEvidence(terms);
  const whole = Buffer.from(await writeReceipt(evidence, terms, entryOnLog(evidence)));
  const path = join(folder, 'receipt.json');
  const verdict = async (octets: Buffer) => {
    writeFileSync(path, octets);
    try {
      const { faults } = await verifyFile(path, { keys: [], checkpoints: [] }, 'en');
      return faults.length === 0 ? 'intact' : 'changed';
    } catch (error) {
      if (error instanceof Unusable) return 'unusable';
      throw error;
    }
  };
  expect(await verdict(whole)).toBe('intact');
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const octets = Buffer.from(whole);
      octets.writeUInt8(octets.readUInt8(at) ^ by, at);
      seen.add(await verdict(octets));
    }),
    { numRuns: 500 },
  );
  expect(seen).not.toContain('intact');
  expect(seen).toContain('changed');
});
