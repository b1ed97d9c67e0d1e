import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState } from 'react';
import type { SearchKind } from '../../domain/search.ts';
import type { Item } from '../api/types.ts';
import { useAsk } from '../api/use-ask.ts';
import { label, text } from '../words/current.ts';
import { date } from '../words/format.ts';
import styles from './search-box.module.css';

/** Nothing shorter is searched for. */
const leastLetters = 2;
/** How long somebody pauses in typing before it is searched, in milliseconds. */
const pauseMs = 200;
type Found = Item<'search'>;

const places = {
  course: (courseId: string) => ({ to: '/courses/$courseId', params: { courseId } }) as const,
  lesson: (lessonId: string) => ({ to: '/lessons/$lessonId', params: { lessonId } }) as const,
  person: (personId: string) => ({ to: '/people/$personId', params: { personId } }) as const,
  recording: (recordingId: string) => ({ to: '/recordings/$recordingId', params: { recordingId } }) as const,
} satisfies Record<SearchKind, (id: string) => object>;

/** Searches what somebody may see. `/` goes to it; arrows choose, Enter opens (WAI-ARIA combobox with a list). */
export function SearchBox() {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [words, setWords] = useState('');
  const [at, setAt] = useState(-1);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setWords(typed.trim()), pauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName) || target.isContentEditable) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  const isLong = words.length >= leastLetters;
  const search = useAsk('search', { query: { text: words } }, { isOff: !isLong });
  const found = isLong && !search.isPlaceholderData ? (search.data?.items ?? []) : [];
  const isShown = isOpen && isLong && search.data !== undefined;
  const open = ({ kind, id: foundId }: Found) => {
    setTyped('');
    setOpen(false);
    void navigate(places[kind](foundId));
  };
  return (
    <search className={styles.box}>
      <input
        ref={input}
        type="search"
        role="combobox"
        aria-label={text('searchAll')}
        aria-expanded={isShown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isShown && at >= 0 ? `${id}-${at}` : undefined}
        placeholder={text('searchAll')}
        title={text('searchHint')}
        autoComplete="off"
        maxLength={200}
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          setAt(-1);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={(event) => {
          const chosen = found[at] ?? found[0];
          if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, -1));
          else if (event.key === 'Escape') setOpen(false);
          else if (event.key === 'Enter' && chosen !== undefined) open(chosen);
          else return;
          event.preventDefault();
        }}
      />
      {isShown && (
        <div className={styles.found}>
          <p className="unseen" role="status">
            {text('searchFound', { n: found.length })}
          </p>
          {found.length === 0 && <p className="quiet">{text('searchNothing')}</p>}
          <div id={`${id}-list`} role="listbox" aria-label={text('searchAll')}>
            {found.map((one, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the input hears the keys, and keeps the focus
              // biome-ignore lint/a11y/useFocusableInteractive: as above
              <div
                key={`${one.kind} ${one.id}`}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === at}
                // Before the input loses the focus.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => open(one)}
              >
                <strong>{one.title}</strong>{' '}
                <span className="quiet">
                  {[label('searchKind', one.kind), one.detail, one.at === null ? null : date(one.at)]
                    .filter((part) => part !== null && part !== '')
                    .join(' · ')}
                </span>
              </div>
            ))}
          </div>
        </div>
      )}
    </search>
  );
}
