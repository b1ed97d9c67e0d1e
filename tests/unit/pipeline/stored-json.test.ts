import { expect, test } from 'vitest';
import { orNull } from '../../../src/domain/json.ts';
import {
  readEdits,
  readEvidence,
  readLayout,
  readMetadata,
  readProbe,
  readRegion,
} from '../../../src/pipeline/core/stored-json.ts';
import { readErasedObjects } from '../../../src/pipeline/retention/begin-erasure.ts';
import { readChange } from '../../../src/pipeline/retention/read-change.ts';

const probe = {
  container: 'mp4',
  mediaType: 'video/mp4',
  declaredDurationMs: null,
  streams: [{ index: 0, kind: 'video', codec: 'h264', decodable: true, width: 640, height: 360 }],
  tags: [{ stream: null, name: 'title', value: 'A lesson' }],
  warnings: [{ code: 'TRAILING_DATA', facts: { what: 'bytes_before', bytes: 12 } }],
};

test('what is stored is read as it was written', () => {
  const region = { x: 0, y: 0.5, width: 1, height: 0.5 };
  const edits = [
    { kind: 'mute', startMs: 0, endMs: 10 },
    { kind: 'blur', startMs: 5, endMs: 9, region },
  ];
  const layout = { durationMs: 9, initBytes: 8, segments: [[8, 100, 9]], chaptersMs: [0], subtitles: [] };
  expect(readProbe(probe)).toEqual(probe);
  expect(readEdits(edits)).toEqual(edits);
  expect(readLayout(layout)).toEqual(layout);
  expect(orNull(readLayout)(null)).toBeNull();
  expect(readRegion(region)).toEqual(region);
  expect(readMetadata({ filename: 'a.mp4', flag: null })).toEqual({ filename: 'a.mp4', flag: null });
  const erasure = { why: 'request', note: null, lessonTitle: 'x' };
  expect(readChange({ kind: 'erasure', payload: erasure })).toEqual({ kind: 'erasure', payload: erasure });
});

test('members that nobody reads are left out, and joined evidence is read by its first', () => {
  expect(readEvidence({ workStartMs: 5, moments: 9 })).toEqual({ workStartMs: 5 });
  expect(readEvidence([{ stream: 1 }, { stream: 2 }])).toEqual({ stream: 1 });
  expect(readProbe({ ...probe, later: true })).toEqual(probe);
});

test.each([
  [() => readProbe(null), 'stored JSON: the value is no object'],
  [() => readProbe({ ...probe, container: 7 }), 'stored JSON: the value.container is no text'],
  [
    () => readProbe({ ...probe, warnings: [{ code: 'ODD', facts: {} }] }),
    /^stored JSON: the value\.warnings\[0\]\.code is no ATTACHED_FILE or/,
  ],
  [() => readEdits([{ kind: 'mute', startMs: 0 }]), 'stored JSON: the value[0].endMs is no number'],
  [() => readLayout({ durationMs: 1, initBytes: 1, segments: [[1, 2]] }), 'the value.segments[0] is no number'],
  [() => readErasedObjects([{ key: 'x', kind: 'film' }]), /the value\[0\]\.kind is no original or/],
  [
    () => readChange({ kind: 'policy_added', payload: { kind: 'party' } }),
    'the value.kind is no lesson or exam or meeting or performance',
  ],
])('what has another shape is named by its place, never by its value', (read, message) => {
  expect(read).toThrow(message);
});
