import { Refusal } from '../domain/errors.ts';
import { decodeText } from '../rosters/decode-text.ts';
import { unreadableReport } from './refusal.ts';

/**
 * Text of a report, as {@link decodeText} finds its encoding.
 * @throws Refusal `ATTENDANCE_UNREADABLE` for letters that were lost before, and for what is no text.
 */
export function decodeReport(bytes: Uint8Array, file: string): string {
  try {
    return decodeText(bytes, file);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw unreadableReport(
      ...error.reasons.map(({ code, params }) =>
        code === 'ROSTER_WRONG_ENCODING'
          ? ({ code: 'ATTENDANCE_WRONG_ENCODING', params: { file, line: params?.line ?? 1 } } as const)
          : ({ code: 'ATTENDANCE_UNKNOWN_KIND', params: { file } } as const),
      ),
    );
  }
}
