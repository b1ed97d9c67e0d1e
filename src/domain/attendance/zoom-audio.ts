import { foldAscii } from './fold.ts';
import type { ReportedRow } from './row.ts';

/**
 * The rows that one of Zoom's separate audio files may be of: a file for each participant, called `audio`, the name
 * without blanks, and digits, such as `audioAdaOrnek11234567890.m4a`. Several rows: somebody came back, or two have one
 * name, and then a person says whose sound it is.
 */
export function rowsOfZoomAudio(fileName: string, rows: readonly ReportedRow[]): ReportedRow[] {
  const [, called = ''] = /^audio[-_ ]?(.+)\.(?:m4a|mp4|aac|wav)$/i.exec(fileName.normalize('NFC')) ?? [];
  const folded = joined(called);
  return rows.filter(({ name }) => {
    const own = joined(name);
    return own !== '' && folded.startsWith(own) && /^\d*$/.test(folded.slice(own.length));
  });
}

const joined = (text: string): string => foldAscii(text).replaceAll(' ', '');
