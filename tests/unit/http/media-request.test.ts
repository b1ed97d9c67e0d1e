import { describe, expect, it } from 'vitest';
import { answerMediaRequest } from '../../../src/http/media-request.ts';

const etag = '"0123"';
const media = { bytes: 1000, etag };
const whole = { status: 200, start: 0, end: 1000 };
const part = (start: number, end: number) => ({ status: 206, start, end });
const none = { status: 416 };

describe('a range of 1000 bytes', () => {
  it.each([
    ['the first byte', 'bytes=0-0', part(0, 1)],
    ['the last byte', 'bytes=999-999', part(999, 1000)],
    ['the last byte, open-ended', 'bytes=999-', part(999, 1000)],
    ['the whole', 'bytes=0-999', part(0, 1000)],
    ['the whole, open-ended', 'bytes=0-', part(0, 1000)],
    ['an end one beyond the last byte', 'bytes=10-1000', part(10, 1000)],
    ['an end that no number holds', `bytes=10-${'9'.repeat(400)}`, part(10, 1000)],
    ['a suffix', 'bytes=-5', part(995, 1000)],
    ['a suffix of one byte', 'bytes=-1', part(999, 1000)],
    ['a suffix as long as the file', 'bytes=-1000', part(0, 1000)],
    ['a suffix longer than the file', 'bytes=-1001', part(0, 1000)],
    ['a suffix of nothing', 'bytes=-0', none],
    ['a start at the end', 'bytes=1000-', none],
    ['a start beyond the end', 'bytes=5000-6000', none],
    ['a start that no number holds', `bytes=${'9'.repeat(400)}-`, none],
    ['the unit in capitals', 'Bytes=1-2', part(1, 3)],
    ['spaces and an empty element', 'bytes= 1-2 , ', part(1, 3)],
    ['an end before the start', 'bytes=5-4', whole],
    ['several ranges', 'bytes=0-1,5-6', whole],
    ['several ranges, none of which exists', 'bytes=2000-,3000-', whole],
    ['nothing', '', whole],
    ['no range', 'bytes=', whole],
    ['only a dash', 'bytes=-', whole],
    ['a negative number', 'bytes=-1-2', whole],
    ['letters', 'bytes=a-b', whole],
    ['hexadecimal', 'bytes=0x1-0x2', whole],
    ['a space within', 'bytes=1 -2', whole],
    ['another unit', 'seconds=0-1', whole],
    ['no unit', '0-1', whole],
  ])('%s', (_name, range, answer) => {
    expect(answerMediaRequest({ method: 'GET', range }, media)).toEqual(answer);
  });

  it.each(['bytes=0-0', 'bytes=1000-', 'bytes=-5'])('means nothing to HEAD: %s', (range) => {
    expect(answerMediaRequest({ method: 'HEAD', range }, media)).toEqual(whole);
  });
});

describe('empty media', () => {
  const empty = { bytes: 0, etag };
  it.each([
    [undefined, { status: 200, start: 0, end: 0 }],
    ['bytes=0-', none],
    ['bytes=0-0', none],
    ['bytes=-0', none],
    ['bytes=-5', { status: 200, start: 0, end: 0 }],
  ])('range %s', (range, answer) => {
    expect(answerMediaRequest({ method: 'GET', range }, empty)).toEqual(answer);
  });
});

describe('If-Range', () => {
  it.each([
    ['the tag', etag, part(0, 1)],
    ['another tag', '"4567"', whole],
    ['the tag, weak', `W/${etag}`, whole],
    ['a date', 'Wed, 21 Oct 2015 07:28:00 GMT', whole],
    ['nonsense', 'x', whole],
  ])('%s', (_name, ifRange, answer) => {
    expect(answerMediaRequest({ method: 'GET', range: 'bytes=0-0', ifRange }, media)).toEqual(answer);
  });

  it('that does not hold lets a range be that does not exist', () => {
    expect(answerMediaRequest({ method: 'GET', range: 'bytes=2000-', ifRange: '"4567"' }, media)).toEqual(whole);
    expect(answerMediaRequest({ method: 'GET', range: 'bytes=2000-', ifRange: etag }, media)).toEqual(none);
  });

  it('alone means nothing', () => {
    expect(answerMediaRequest({ method: 'GET', ifRange: '"4567"' }, media)).toEqual(whole);
  });
});

describe('If-None-Match', () => {
  it.each([
    ['the tag', etag, { status: 304 }],
    ['the tag, weak', `W/${etag}`, { status: 304 }],
    ['anything', '*', { status: 304 }],
    ['one of several', `"a,b", W/"c" ,${etag}`, { status: 304 }],
    ['others', '"a", "b"', whole],
    ['a tag within another', `"x${etag.slice(1)}`, whole],
    ['nonsense', '0123', whole],
  ])('%s', (_name, ifNoneMatch, answer) => {
    for (const method of ['GET', 'HEAD']) expect(answerMediaRequest({ method, ifNoneMatch }, media)).toEqual(answer);
  });

  it('comes before the range', () => {
    expect(answerMediaRequest({ method: 'GET', range: 'bytes=2000-', ifNoneMatch: etag }, media).status).toBe(304);
  });
});

describe('If-Match', () => {
  it.each([
    ['the tag', etag, whole],
    ['anything', '*', whole],
    ['the tag, weak', `W/${etag}`, { status: 412 }],
    ['another', '"4567"', { status: 412 }],
  ])('%s', (_name, ifMatch, answer) => {
    expect(answerMediaRequest({ method: 'GET', ifMatch }, media)).toEqual(answer);
  });

  it('comes first', () => {
    expect(answerMediaRequest({ method: 'GET', ifMatch: '"4567"', ifNoneMatch: etag }, media).status).toBe(412);
  });
});
