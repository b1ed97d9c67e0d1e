import { text } from '../../words/current.ts';
import { number, timeOfDay } from '../../words/format.ts';
import type { Attendance } from './attendance.ts';
import styles from './presence-line.module.css';

/** Who was there when, over the time that may have been recorded: bars, and the same in words. */
export function PresenceLine({ attendance: { recorded, present } }: { readonly attendance: Attendance }) {
  const startMs = Math.min(...recorded.map((one) => one.startMs));
  const endMs = Math.max(...recorded.map((one) => one.endMs));
  const share = (ms: number) => (100 * (ms - startMs)) / Math.max(1, endMs - startMs);
  const clock = (ms: number) => timeOfDay(new Date(ms));
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{text('presenceTimes', { from: clock(startMs), until: clock(endMs) })}</th>
          <th scope="col" className="numbers">
            {text('presenceMinutes')}
          </th>
        </tr>
      </thead>
      <tbody>
        {present.map(({ id, name, intervals }) => (
          <tr key={id}>
            <th scope="row">
              {name ?? '–'}
              <div className={styles.line} aria-hidden="true">
                {intervals.map((one) => (
                  <span
                    key={one.startMs}
                    className={styles.bar}
                    style={{
                      left: `${share(one.startMs)}%`,
                      width: `${Math.max(0.5, share(one.endMs) - share(one.startMs))}%`,
                    }}
                  />
                ))}
              </div>
              <span className="quiet numbers">
                {intervals.map((one) => `${clock(one.startMs)}–${clock(one.endMs)}`).join(', ')}
              </span>
            </th>
            <td className="numbers">
              {number(Math.ceil(intervals.reduce((sum, one) => sum + one.endMs - one.startMs, 0) / 60_000))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
