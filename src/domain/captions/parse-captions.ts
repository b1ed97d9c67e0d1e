import { type Cue, latestMs, mostCueLetters, mostCues, sortCues, tidyName, tidyText } from './cue.ts';
import { decodeCaptions } from './decode-captions.ts';
import { captionsLanguage } from './language.ts';
import type { CaptionsNotice } from './notice.ts';
import { unreadableCaptions } from './refusal.ts';
import { nameSpeakers } from './speakers.ts';

export const captionsFormats = ['vtt', 'srt'] as const;
export type CaptionsFormat = (typeof captionsFormats)[number];

export interface ParsedCaptions {
  readonly format: CaptionsFormat;
  /** What the file says of its language; null: nothing. */
  readonly language: string | null;
  /** In order of time. */
  readonly cues: readonly Cue[];
  /** What was put right, for the person who brought the file. */
  readonly notices: readonly CaptionsNotice[];
}

/**
 * Captions as a meeting tool writes them: WebVTT or SubRip, told by the content alone. Attacker-controlled; the time is
 * linear in the size. What can be put right without a guess is put right and told; the rest is refused with its line.
 * @throws Refusal `CAPTIONS_UNREADABLE`.
 */
export function parseCaptions(bytes: Uint8Array): ParsedCaptions {
  refuseKinds(String.fromCharCode(...bytes.subarray(0, 8)));
  const { text, isGuessed } = decodeCaptions(bytes);
  const format = formatOf(text);
  const read = readCues(text, format);
  const named = nameSpeakers(read.cues);
  const sorted = sortCues(named.cues);
  if (sorted.length === 0) throw unreadableCaptions({ code: 'CAPTIONS_EMPTY' });
  const moved = named.cues.filter((cue, at) => at > 0 && cue.startMs < (named.cues[at - 1]?.startMs ?? 0)).length;
  const counted: [CaptionsNotice['code'], number][] = [
    ['encoding_guessed', isGuessed ? 1 : 0],
    ['sorted', moved],
    ['lengthened', read.lengthened],
    ['joined', read.joined],
    ['named', named.count],
  ];
  return {
    format,
    language: read.language,
    cues: sorted,
    notices: counted.filter(([, count]) => count > 0).map(([code, count]) => ({ code, count })),
  };
}

/** Captions that `writeWebVtt` wrote: nothing in them is guessed. */
export function readWebVtt(text: string): Cue[] {
  return [...readCues(text, 'vtt').cues];
}

/** https://www.w3.org/TR/webvtt1/#file-structure */
const header = /^WEBVTT(?:[ \t][^\n]*)?(?:\n|$)/;
const arrow = '-->';
/** What stands before and after the arrow; hours and the fraction may be missing, and have a comma in SubRip. */
const time = String.raw`(?:(\d{1,4}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?`;
const timing = new RegExp(String.raw`^\s*${time}\s*${arrow}\s*${time}(?:\s|$)`);
/** Looks like a time, whether or not it is one. */
const likeTiming = /^\s*[\d:.,;]+\s*-->/;
/** Other kinds of text that hold captions, or look like them, by how they begin. */
const otherKinds: readonly (readonly [RegExp, string])[] = [
  [/^PK\u0003\u0004/, 'ZIP, DOCX'],
  [/^%PDF/, 'PDF'],
  [/^\s*(?:<\?xml|<tt\b|<transcript\b|<html|<!doctype)/i, 'XML, TTML, HTML'],
  [/^\s*\[Script Info\]/i, 'ASS, SSA'],
  [/^\s*[[{]\s*["[{]/, 'JSON'],
  [/^\s*\d+:\d{2}:\d{2}\.\d{3},\d+:\d{2}:\d{2}\.\d{3}\s/, 'SBV'],
  [/^\s*\{\d+\}\{\d+\}/, 'MicroDVD'],
  [/^\s*(?:\[(?:ar|ti|al|by|length):|\[\d+:\d{2}\.\d{2}\])/i, 'LRC'],
];
/** In which a SubRip file shows its first time. */
const firstLines = 50;

function formatOf(text: string): CaptionsFormat {
  const start = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  if (header.test(start)) return 'vtt';
  if (start.trim() === '') throw unreadableCaptions({ code: 'CAPTIONS_EMPTY' });
  refuseKinds(start.slice(0, 500));
  if (start.split('\n', firstLines).some((line) => likeTiming.test(line))) return 'srt';
  throw unreadableCaptions({ code: 'CAPTIONS_UNKNOWN_KIND' });
}

function refuseKinds(start: string): void {
  const kind = otherKinds.find(([pattern]) => pattern.test(start))?.[1];
  if (kind !== undefined) throw unreadableCaptions({ code: 'CAPTIONS_OTHER_KIND', params: { kind } });
}

interface OpenCue {
  readonly startMs: number;
  readonly endMs: number;
  readonly line: number;
  readonly lines: string[];
  /** Which of `lines` stand first in their block. */
  readonly firsts: boolean[];
}

interface ReadCues {
  readonly cues: readonly Cue[];
  readonly language: string | null;
  /** Cues of no length, which were given a second. */
  readonly lengthened: number;
  /** Lines after an empty one, which belong to the cue before. */
  readonly joined: number;
}

function readCues(text: string, format: CaptionsFormat): ReadCues {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r\n?/g, '\n')
    .split('\n');
  const found: OpenCue[] = [];
  let language: string | null = null;
  let isFirst = true;
  let isSkipped = format === 'vtt'; // The header is a block too.
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') {
      isFirst = true;
      isSkipped = false;
      continue;
    }
    const isComment = format === 'vtt' && isFirst && /^(?:NOTE|STYLE|REGION)(?:[ \t:]|$)/.test(line);
    if (isComment) isSkipped = true;
    if (isTiming(line, format)) {
      dropIdentifier(found.at(-1), format);
      if (found.length >= mostCues) throw unreadableCaptions({ code: 'CAPTIONS_TOO_MANY', params: { most: mostCues } });
      found.push({ ...timesOf(line, at + 1), line: at + 1, lines: [], firsts: [] });
      isSkipped = false;
    } else if (isSkipped) language ??= captionsLanguage(/^(?:NOTE\s+)?language:\s*([\w-]+)/i.exec(line)?.[1] ?? null);
    else {
      // Before the first cue it is an identifier, or nothing that belongs to anybody.
      found.at(-1)?.lines.push(line);
      found.at(-1)?.firsts.push(isFirst);
    }
    isFirst = false;
  }
  const cues = found.flatMap((cue) => toCues(cue, format));
  const lengthened = found.filter(({ startMs, endMs }) => startMs === endMs).length;
  const joined = found.flatMap(({ firsts }) => firsts).filter(Boolean).length;
  return { cues, language, lengthened, joined };
}

/** SubRip has no way to write an arrow in its text but to write it. */
const isTiming = (line: string, format: CaptionsFormat): boolean =>
  line.includes(arrow) && (format === 'vtt' ? /^\P{L}*-->/u.test(line) : likeTiming.test(line));

/** What stands alone before a time is its number or its name, also where the empty line between two cues is missing. */
function dropIdentifier(cue: OpenCue | undefined, format: CaptionsFormat): void {
  const last = cue?.lines.at(-1);
  if (cue === undefined || last === undefined) return;
  const isIdentifier =
    cue.firsts.at(-1) === true || (format === 'srt' && cue.lines.length > 1 && /^\s*\d+\s*$/.test(last));
  if (!isIdentifier) return;
  cue.lines.pop();
  cue.firsts.pop();
}

function timesOf(line: string, number: number): { startMs: number; endMs: number } {
  const match = timing.exec(line);
  const [startMs, endMs] = match === null ? [null, null] : [toMs(match.slice(1, 5)), toMs(match.slice(5, 9))];
  if (startMs === null || endMs === null || endMs < startMs)
    throw unreadableCaptions({ code: 'CAPTIONS_BAD_TIME', params: { line: number } });
  return { startMs, endMs };
}

function toMs([hours, minutes, seconds, fraction]: readonly (string | undefined)[]): number | null {
  const [h, m, s] = [Number(hours ?? 0), Number(minutes), Number(seconds)];
  const ms = ((h * 60 + m) * 60 + s) * 1000 + Number((fraction ?? '').padEnd(3, '0'));
  return m < 60 && s < 60 && ms < latestMs ? ms : null;
}

/** One cue for each voice in it, without markup. */
function toCues({ startMs, endMs, line, lines }: OpenCue, format: CaptionsFormat): Cue[] {
  const whole = lines.join('\n');
  if (whole.length > 4 * mostCueLetters) throw tooLong(line);
  const plain = format === 'vtt' ? decodeEntities : (text: string) => text.replaceAll(/\{\\[^}]*\}/g, '');
  return voicesOf(whole).flatMap(({ speaker, marked }): Cue[] => {
    const text = tidyText(plain(marked.replaceAll(markup, '')));
    if (text.length > mostCueLetters) throw tooLong(line);
    const name = speaker === null ? '' : tidyName(plain(speaker)).slice(0, 200);
    if (text === '') return [];
    return [{ startMs, endMs: startMs === endMs ? startMs + 1000 : endMs, text, speaker: name === '' ? null : name }];
  });
}

const tooLong = (line: number) =>
  unreadableCaptions({ code: 'CAPTIONS_TEXT_TOO_LONG', params: { line, most: mostCueLetters } });

/** https://www.w3.org/TR/webvtt1/#webvtt-cue-voice-span */
const voice = /<v(?:\.[^\s<>]*)?(?:[ \t\n]+([^<>]*))?>/gi;
/** Tags of WebVTT and SubRip, and times inside a cue. Other angle brackets are text. */
const markup = /<\/?(?:v|c|b|i|u|s|lang|ruby|rt|font)(?:[.\s][^<>]*)?>|<[\d:.]+>/gi;

function voicesOf(whole: string): { speaker: string | null; marked: string }[] {
  const parts: { speaker: string | null; marked: string }[] = [];
  let from = 0;
  let speaker: string | null = null;
  const add = (until: number) => parts.push(...ended(speaker, whole.slice(from, until)));
  for (const match of whole.matchAll(voice)) {
    add(match.index);
    speaker = match[1] ?? null;
    from = match.index + match[0].length;
  }
  add(whole.length);
  return parts;
}

/** What follows the end of a voice is nobody's. */
function ended(speaker: string | null, marked: string): { speaker: string | null; marked: string }[] {
  const at = speaker === null ? -1 : marked.search(/<\/v>/i);
  if (at < 0) return [{ speaker, marked }];
  return [
    { speaker, marked: marked.slice(0, at) },
    { speaker: null, marked: marked.slice(at) },
  ];
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: '\u00A0',
  lrm: '\u200E',
  rlm: '\u200F',
  quot: '"',
  apos: "'",
};

function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,5}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return point > 0 && point <= 0x10_ff_ff ? String.fromCodePoint(point) : whole;
  });
}
