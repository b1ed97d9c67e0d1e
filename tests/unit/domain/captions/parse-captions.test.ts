import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cue, mostCues, sortCues, tidyName, tidyText } from '../../../../src/domain/captions/cue.ts';
import { fitCues } from '../../../../src/domain/captions/fit-cues.ts';
import { parseCaptions, readWebVtt } from '../../../../src/domain/captions/parse-captions.ts';
import { writeSrt, writeWebVtt } from '../../../../src/domain/captions/write-captions.ts';
import { Refusal } from '../../../../src/domain/errors.ts';

const parse = (text: string) => parseCaptions(Buffer.from(text));
const cue = (startMs: number, endMs: number, text: string, speaker: string | null = null): Cue => ({
  startMs,
  endMs,
  text,
  speaker,
});
function refusalOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, reasons: error.reasons };
    throw error;
  }
  throw new Error('it was not refused');
}
const reasonOf = (bytes: Uint8Array | string) => {
  const refused = refusalOf(() => parseCaptions(Buffer.from(bytes)));
  expect(refused.code).toBe('CAPTIONS_UNREADABLE');
  return refused.reasons[0];
};

describe('what meeting tools write', () => {
  it('reads Zoom: numbers, and names before the text', () => {
    const zoom = `WEBVTT\r
\r
1\r
00:00:01.200 --> 00:00:03.000\r
Ada Yılmaz: Günaydın, başlıyoruz.\r
\r
2\r
00:00:03.000 --> 00:00:05.100\r
Can Öz: Hazırız.\r
\r
3\r
00:00:05.200 --> 00:00:07.000\r
Ada Yılmaz: Saat 10:30 olsun.\r
`;
    expect(parse(zoom)).toEqual({
      format: 'vtt',
      language: null,
      cues: [
        cue(1200, 3000, 'Günaydın, başlıyoruz.', 'Ada Yılmaz'),
        cue(3000, 5100, 'Hazırız.', 'Can Öz'),
        cue(5200, 7000, 'Saat 10:30 olsun.', 'Ada Yılmaz'),
      ],
      notices: [{ code: 'named', count: 3 }],
    });
  });

  it('reads Teams: voices, identifiers and remarks', () => {
    const teams = `WEBVTT

NOTE duration:"00:10:20.0000000"

NOTE language:tr-TR

NOTE Confidence: 0.9

2f3a-11/14-0
00:00:01.200 --> 00:00:03.000
<v Ada Yılmaz>A &amp; B,
ikinci satır</v>

2f3a-11/15-0
00:00:02.000 --> 00:00:04.000
<v Ada Yılmaz>Evet.</v> <v.loud Can Öz>Hayır.</v>
`;
    expect(parse(teams)).toMatchObject({
      language: 'tr',
      cues: [
        cue(1200, 3000, 'A & B,\nikinci satır', 'Ada Yılmaz'),
        cue(2000, 4000, 'Evet.', 'Ada Yılmaz'),
        cue(2000, 4000, 'Hayır.', 'Can Öz'),
      ],
      notices: [],
    });
  });

  it('reads SubRip with a mark, commas, markup and no empty line between two', () => {
    const srt = '\uFEFF1\n00:00:01,5 --> 0:0:02,000\n'.replace('0:0:', '0:00:');
    expect(parse(`${srt}{\\an8}<i>Bir</i>\n2\n00:00:03 --> 00:00:04\nİki < üç\n`)).toMatchObject({
      format: 'srt',
      cues: [cue(1500, 2000, 'Bir'), cue(3000, 4000, 'İki < üç')],
    });
  });

  it('takes settings, styles, regions, times inside a cue and a header without meaning', () => {
    const vtt = `WEBVTT - a title
Kind: captions
Language: en-GB

STYLE
::cue { color: red }

REGION
id:x

00:01.000 --> 00:02.000 align:start position:10%
<c.yellow>One</c> <00:01.500>two`;
    expect(parse(vtt)).toMatchObject({ language: 'en', cues: [cue(1000, 2000, 'One two')] });
  });

  it('puts right and tells: order, no length, an empty line in the text', () => {
    const { cues, notices } = parse(
      'WEBVTT\n\n00:05.000 --> 00:06.000\nlater\n\n00:01.000 --> 00:01.000\nfirst\n\nmore of it\n',
    );
    expect(cues).toEqual([cue(1000, 2000, 'first\nmore of it'), cue(5000, 6000, 'later')]);
    expect(notices).toEqual([
      { code: 'sorted', count: 1 },
      { code: 'lengthened', count: 1 },
      { code: 'joined', count: 1 },
    ]);
  });

  it('keeps cues that overlap, and a word with a colon that comes once', () => {
    const { cues } = parse(
      'WEBVTT\n\n00:01.000 --> 00:04.000\nNot: a name\n\n00:02.000 --> 00:03.000\nb\n\n00:03.000 --> 00:04.000\nc\n',
    );
    expect(cues).toEqual([cue(1000, 4000, 'Not: a name'), cue(2000, 3000, 'b'), cue(3000, 4000, 'c')]);
  });
});

describe('encodings', () => {
  const text = '1\n00:00:01,000 --> 00:00:02,000\nIğdır’da şöyle\n';
  const wide = (isBig: boolean, mark: string) => {
    const octets = Buffer.from(`${mark}${text}`, 'utf16le');
    return isBig ? octets.swap16() : octets;
  };
  const turkish = (said: string) => {
    const letters: Record<string, number> = { Ğ: 0xd0, İ: 0xdd, Ş: 0xde, ğ: 0xf0, ı: 0xfd, ş: 0xfe, '’': 0x92 };
    return Uint8Array.from([...said], (letter) => letters[letter] ?? letter.charCodeAt(0));
  };
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-16LE with a mark', wide(false, '\uFEFF')],
    ['UTF-16BE with a mark', wide(true, '\uFEFF')],
    ['UTF-16LE without', wide(false, '')],
    ['UTF-16BE without', wide(true, '')],
    ['windows-1254', turkish(text)],
  ])('%s', (_, octets) => {
    expect(parseCaptions(octets).cues).toEqual([cue(1000, 2000, 'Iğdır’da şöyle')]);
  });

  it('says that the letters were guessed, and refuses where they could be of another language', () => {
    expect(parseCaptions(turkish(text)).notices).toEqual([{ code: 'encoding_guessed', count: 1 }]);
    const french = Buffer.from('1\n00:00:01,000 --> 00:00:02,000\nélève à la porte\n', 'latin1');
    expect(reasonOf(french)).toEqual({ code: 'CAPTIONS_ENCODING' });
  });
});

describe('what is refused, and why', () => {
  it.each([
    ['nothing', '', { code: 'CAPTIONS_EMPTY' }],
    ['a header alone', 'WEBVTT\n', { code: 'CAPTIONS_EMPTY' }],
    ['cues without a text', 'WEBVTT\n\n00:01.000 --> 00:02.000\n\n', { code: 'CAPTIONS_EMPTY' }],
    ['a letter', 'Dear parents,\n\nsee you.', { code: 'CAPTIONS_UNKNOWN_KIND' }],
    ['a film', 'ftyp\0\0\0', { code: 'CAPTIONS_UNKNOWN_KIND' }],
    ['TTML', '<?xml version="1.0"?><tt/>', { code: 'CAPTIONS_OTHER_KIND', params: { kind: 'XML, TTML, HTML' } }],
    ['a Word file', 'PK\u0003\u0004', { code: 'CAPTIONS_OTHER_KIND', params: { kind: 'ZIP, DOCX' } }],
    ['SBV', '0:00:01.000,0:00:02.000\nx', { code: 'CAPTIONS_OTHER_KIND', params: { kind: 'SBV' } }],
    ['JSON', '[{"start": 1}]', { code: 'CAPTIONS_OTHER_KIND', params: { kind: 'JSON' } }],
    [
      'a minute of 70 seconds',
      'WEBVTT\n\n00:70.000 --> 02:00.000\nx',
      { code: 'CAPTIONS_BAD_TIME', params: { line: 3 } },
    ],
    [
      'an end before the beginning',
      'WEBVTT\n\n00:02.000 --> 00:01.000\nx',
      { code: 'CAPTIONS_BAD_TIME', params: { line: 3 } },
    ],
    ['half a time', '1\n00:00:01,000 --> 00:0\nx', { code: 'CAPTIONS_BAD_TIME', params: { line: 2 } }],
    ['lost letters', 'WEBVTT\n\n00:01.000 --> 00:02.000\n�', { code: 'CAPTIONS_DAMAGED', params: { line: 4 } }],
    [
      'an endless line',
      `WEBVTT\n\n00:01.000 --> 00:02.000\n${'x'.repeat(3000)}`,
      { code: 'CAPTIONS_TEXT_TOO_LONG', params: { line: 3, most: 2000 } },
    ],
    [
      'too many',
      `WEBVTT\n${'\n00:01.000 --> 00:02.000\nx\n'.repeat(mostCues + 1)}`,
      { code: 'CAPTIONS_TOO_MANY', params: { most: mostCues } },
    ],
  ])('%s', (_, text, reason) => {
    const refused = reasonOf(text);
    expect(refused?.code).toBe(reason.code);
    if ('params' in reason) expect(refused?.params).toEqual(reason.params);
  });

  it('captions of another recording; a few beyond the end are left out and counted', () => {
    const cues = [cue(0, 1000, 'a'), cue(900, 3000, 'b'), cue(2000, 3000, 'c')];
    expect(fitCues(cues, 2000)).toEqual({
      cues: [cue(0, 1000, 'a'), cue(900, 2000, 'b')],
      notices: [
        { code: 'beyond_end', count: 1 },
        { code: 'shortened', count: 1 },
      ],
    });
    expect(refusalOf(() => fitCues(cues, 500)).reasons).toEqual([
      { code: 'CAPTIONS_OTHER_RECORDING', params: { beyond: 2, cues: 3 } },
    ]);
    expect(fitCues(cues, 0).cues).toEqual(cues);
  });
});

const line = fc.string({
  unit: fc.constantFrom(...'aşİ 1:<>&;-/v"=\'.’\t\u00A0'.split(''), '-->', '&amp;', '<v X>', '\n'),
});
const cues = fc
  .array(
    fc.record({
      startMs: fc.nat(90_000_000),
      length: fc.integer({ min: 1, max: 60_000 }),
      text: line.map(tidyText).filter((text) => text !== ''),
      speaker: fc.option(line.map(tidyName).filter((name) => name !== '')),
    }),
    { maxLength: 30 },
  )
  .map((all) => sortCues(all.map(({ startMs, length, ...rest }) => ({ ...rest, startMs, endMs: startMs + length }))));

describe('there and back', () => {
  it('WebVTT gives back every cue as it was', () => {
    fc.assert(
      fc.property(cues, (all) => {
        expect(readWebVtt(writeWebVtt(all))).toEqual(all);
      }),
    );
  });

  it('SubRip keeps every time and every word', () => {
    const words = fc.string({ unit: fc.constantFrom(...'aşİxyz .,?'.split('')), minLength: 1 }).map(tidyText);
    const plain = fc.array(fc.tuple(fc.nat(90_000_000), fc.integer({ min: 1, max: 9_000 }), words), { minLength: 1 });
    fc.assert(
      fc.property(plain, (all) => {
        const said = all
          .filter(([, , text]) => text !== '')
          .map(([startMs, length, text]) => cue(startMs, startMs + length, text));
        fc.pre(said.length > 0);
        expect(parse(writeSrt(sortCues(said))).cues).toEqual(sortCues(said));
      }),
    );
  });

  it('any bytes are captions in order, or refused', () => {
    const pieces = fc.constantFrom(
      'WEBVTT',
      '\n',
      '\n\n',
      '00:01.000 --> 00:02.000',
      '-->',
      '<v A>',
      '</v>',
      'NOTE',
      '1',
      '00:',
      '&lt;',
      '\0',
      'ş',
    );
    const text = fc.array(pieces, { maxLength: 60 }).map((all) => all.join(''));
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      text.map((one) => new Uint8Array(Buffer.from(one))),
    );
    fc.assert(
      fc.property(any, (bytes) => {
        try {
          const read = parseCaptions(bytes).cues;
          expect(read).toEqual(sortCues(read));
          for (const one of read) expect(one.endMs).toBeGreaterThan(one.startMs);
          expect(readWebVtt(writeWebVtt(read))).toEqual(read);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['open voices', '<v '],
    ['open tags', '<c.'],
    ['open braces', '{\\'],
    ['open entities', '&#1'],
    ['colons', 'a: '],
  ])('time is linear in the size: %s', (_, piece) => {
    const block = `\n00:01.000 --> 00:02.000\n${piece.repeat(Math.floor(1900 / piece.length))}\n`;
    const text = `WEBVTT\n${block.repeat(2000)}`;
    const before = performance.now();
    parse(text);
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});
