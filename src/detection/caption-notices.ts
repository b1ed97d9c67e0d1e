import type { WatchedName } from '../domain/watched-names.ts';
import { fewLines } from './few-lines.ts';
import type { Finding } from './finding.ts';
import { findSaidNotices, type SaidNotice } from './text-notices.ts';

/** Captions of one language, in order of time. */
export interface CaptionsToCheck {
  readonly language: string;
  readonly cues: readonly {
    readonly startMs: number;
    readonly endMs: number;
    readonly text: string;
    readonly speaker: string | null;
  }[];
}

/** The same notice again within this time is the same stretch. */
const joinedMs = 10_000;
const mostTextKept = 500;

interface Stretch extends SaidNotice {
  startMs: number;
  endMs: number;
  readonly text: string;
  /** Further captions with the same notice. */
  more: number;
}

/**
 * Lines of captions that claim rights or name a watched name, also where a sentence goes on in the next caption. Attacker-
 * controlled text; the time is linear in it.
 */
export function findCaptionNotices({ language, cues }: CaptionsToCheck, names: readonly WatchedName[]): Finding[] {
  const find = findSaidNotices(names);
  const stretches: Stretch[] = [];
  const open = new Map<string, Stretch>();
  const lines = cues.map(({ text, speaker }) =>
    (speaker === null ? text : `${speaker}: ${text}`).replaceAll('\n', ' '),
  );
  const alone = lines.map(find);
  for (const [at, cue] of cues.entries()) {
    const line = lines[at] ?? '';
    const own = (alone[at] ?? []).map((notice) => ({ notice, text: line, endMs: cue.endMs }));
    const next = cues[at + 1];
    const pair = `${line} ${cues[at + 1]?.text.replaceAll('\n', ' ') ?? ''}`;
    const known = [...(alone[at] ?? []), ...(alone[at + 1] ?? [])].map(keyOf);
    const across = next === undefined ? [] : find(pair).filter((notice) => !known.includes(keyOf(notice)));
    const spanning = across.map((notice) => ({
      notice,
      text: pair,
      endMs: Math.max(cue.endMs, next?.endMs ?? cue.endMs),
    }));
    for (const { notice, text, endMs } of [...own, ...spanning]) {
      const last = open.get(keyOf(notice));
      if (last !== undefined && cue.startMs - last.endMs <= joinedMs) {
        last.endMs = Math.max(last.endMs, endMs);
        last.more += 1;
        continue;
      }
      const stretch = { ...notice, startMs: cue.startMs, endMs, text: text.slice(0, mostTextKept), more: 0 };
      open.set(keyOf(notice), stretch);
      stretches.push(stretch);
    }
  }
  return fewLines(stretches).map(({ kind, name, startMs, endMs, text, more }) => ({
    key: `subtitle:${language}:${kind}:${name ?? ''}:${Math.floor(startMs / 1000)}`,
    source: 'subtitle',
    startMs,
    endMs,
    confidence: 0.9,
    ...(name === undefined ? {} : { rightsHolder: name }),
    evidence: { language, kind, text, ...(name === undefined ? {} : { name }), ...(more === 0 ? {} : { more }) },
  }));
}

const keyOf = ({ kind, name }: SaidNotice): string => `${kind} ${name ?? ''}`;
