import { rightsNotice } from './container-tags.ts';

export interface SubtitleToCheck {
  readonly stream: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** Subtitle lines that claim rights. Turkish capitals are lowered as Turkish, so that `HAKLARI` is read. */
export function findSubtitleNotices(lines: readonly SubtitleToCheck[]): SubtitleToCheck[] {
  return lines.filter(({ text }) => {
    const plain = text.normalize('NFC');
    return rightsNotice.test(plain) || rightsNotice.test(plain.toLocaleLowerCase('tr'));
  });
}
