import { rightsNotice } from './container-tags.ts';
import { fewLines, type LineStretch } from './few-lines.ts';

export interface SubtitleToCheck {
  readonly stream: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** Lines of one stream that claim rights, one soon after the other. */
export interface SubtitleNotice extends LineStretch {
  readonly stream: number;
  /** Different texts, in order of time. */
  readonly texts: readonly string[];
}

/** Lines this close to each other are one notice. */
const joinedMs = 3_000;
const mostTexts = 5;
const mostTextKept = 500;

/**
 * Subtitle lines that claim rights: those close together as one, and no more than a person can look at. Turkish capitals
 * are lowered as Turkish, so that `HAKLARI` is read.
 */
export function findSubtitleNotices(lines: readonly SubtitleToCheck[]): readonly SubtitleNotice[] {
  const notices: { stream: number; startMs: number; endMs: number; texts: string[]; more: number }[] = [];
  const open = new Map<number, (typeof notices)[number]>();
  for (const { stream, startMs, endMs, text } of lines.filter(claimsRights).toSorted((a, b) => a.startMs - b.startMs)) {
    const kept = text.slice(0, mostTextKept);
    const last = open.get(stream);
    if (last === undefined || startMs - last.endMs > joinedMs) {
      const notice = { stream, startMs, endMs, texts: [kept], more: 0 };
      open.set(stream, notice);
      notices.push(notice);
      continue;
    }
    last.endMs = Math.max(last.endMs, endMs);
    if (last.texts.length < mostTexts && !last.texts.includes(kept)) last.texts.push(kept);
    else last.more += 1;
  }
  return fewLines(notices);
}

function claimsRights({ text }: SubtitleToCheck): boolean {
  const plain = text.normalize('NFC');
  return rightsNotice.test(plain) || rightsNotice.test(plain.toLocaleLowerCase('tr'));
}
