import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.includes('/generated/'));
const linesWith = (pattern: RegExp) =>
  files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .filter((line) => pattern.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );

test('nothing is cast by way of unknown', () => {
  expect(linesWith(/\bas unknown as\b/)).toEqual([]);
});

test('a closed set comes out of the database as what it is: no row is cast to one', () => {
  const sets =
    'RecordingState|Audience|Purpose|Route|SignerCapacity|StaffRole|Scope|DecisionKind|Ground|ErasureReason|LessonKind|PermissionStatus|UploadState|ChangeKind|RefusalCode|ReasonCode|Factor';
  const casts = linesWith(new RegExp(` as (${sets})\\b`));
  // The keys of a record are strings to the compiler, whatever the record is made of.
  expect(casts.filter((line) => !line.includes('Object.keys('))).toEqual([]);
});
