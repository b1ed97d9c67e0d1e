import type { ReactNode } from 'react';
import styles from './log.module.css';

interface TableProps {
  /** What the table is of, where another one on the page has the same headings. */
  readonly name?: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly [key: string, cells: readonly ReactNode[]])[];
}

/** A table of an answer; a wide one scrolls by itself. */
export function Table({ headings, rows, name = headings.join(', ') }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard (axe, scrollable-region-focusable)
    <section className={styles.table} tabIndex={0} aria-label={name}>
      <table>
        <thead>
          <tr>
            {headings.map((heading) => (
              <th key={heading} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([key, cells]) => (
            <tr key={key}>
              {cells.map((cell, at) => (
                <td key={headings[at]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
