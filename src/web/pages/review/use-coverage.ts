import { useEffect, useRef } from 'react';
import { mergeStretches, mostStretchesAtOnce, type Stretch } from '../../../domain/coverage.ts';
import { ask } from '../../api/ask.ts';

/** How often what was played is told to the server, in milliseconds. */
const tellEveryMs = 5_000;
/** A step forward that is longer than this is a jump: what lies between was not played. */
const longestStepMs = 1_500;

/**
 * Notes what of the original really plays, and tells the server from time to time, and when the page is left. Returns
 * what is to be called at every moment that plays. What could not be told is told with the next.
 */
export function useCoverage(recordingId: string, lengthMs: number, isOn: boolean): (ms: number) => void {
  const played = useRef<Stretch[]>([]);
  const last = useRef<number | null>(null);
  useEffect(() => {
    if (!isOn) return;
    const tell = () => {
      const intervals = mergeStretches(
        played.current.map(({ startMs, endMs }) => ({ startMs: Math.floor(startMs), endMs: Math.ceil(endMs) })),
        lengthMs,
        mostStretchesAtOnce,
      );
      if (intervals.length === 0) return;
      played.current = [];
      ask('putCoverage', { params: { recordingId }, body: { intervals } }).catch((error: unknown) => {
        console.warn('what was played could not be kept yet', error);
        played.current.push(...intervals);
      });
    };
    const timer = setInterval(tell, tellEveryMs);
    document.addEventListener('visibilitychange', tell);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tell);
      tell();
    };
  }, [recordingId, lengthMs, isOn]);
  return (ms) => {
    const before = last.current;
    last.current = ms;
    if (!isOn || before === null || ms <= before || ms - before > longestStepMs) return;
    const newest = played.current.at(-1);
    if (newest !== undefined && newest.endMs >= before && newest.startMs <= before)
      played.current[played.current.length - 1] = { startMs: newest.startMs, endMs: Math.max(newest.endMs, ms) };
    else played.current.push({ startMs: before, endMs: ms });
  };
}
