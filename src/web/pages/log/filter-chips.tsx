import { Button } from '../../parts/button.tsx';
import { text } from '../../words/current.ts';
import type { Names } from './entry.ts';
import styles from './log.module.css';
import { entriesOf, filterName, filterValue, type LogFilter } from './log-filter.ts';
import { logText } from './log-text.ts';

interface FilterChipsProps {
  readonly filter: LogFilter;
  readonly names: Names;
  readonly onShow: (filter: LogFilter) => void;
}

/** The filter that is active, value by value; each can be taken away. */
export function FilterChips({ filter, names, onShow }: FilterChipsProps) {
  const set = entriesOf(filter);
  if (set.length === 0) return null;
  return (
    <div className={styles.chips}>
      <strong>{logText('activeFilter')}:</strong>
      <ul>
        {set.map(([name, value]) => {
          const what = `${filterName(name)}: ${filterValue(name, value, (id) => names.get(id) ?? id)}`;
          return (
            <li key={name}>
              <Button
                small
                aria-label={logText('dropFilter', { what })}
                onPress={() => onShow(Object.fromEntries(set.filter(([one]) => one !== name)))}
              >
                {what} ×
              </Button>
            </li>
          );
        })}
      </ul>
      <Button small tone="quiet" onPress={() => onShow({})}>
        {text('clearFilter')}
      </Button>
    </div>
  );
}
