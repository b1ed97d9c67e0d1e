import { type ReactNode, useEffect, useRef } from 'react';
import styles from './page.module.css';

interface PageProps {
  readonly title: string;
  readonly lead?: ReactNode;
  /** Where this page hangs: a link above the title. */
  readonly back?: ReactNode;
  /** What can be done with what the page shows. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** As wide as the window, such as the review room. */
  readonly wide?: boolean;
}

/** The title that had the focus last, so that drawing a page again does not take the focus from a field. */
let focused: string | null = null;

/** A page: its title is the title of the window, and takes the focus when one arrives. */
export function Page({ title, lead, back, actions, children, wide = false }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Emanet`;
    const place = location.pathname + title;
    if (focused !== null && focused !== place) heading.current?.focus({ preventScroll: true });
    focused = place;
  }, [title]);
  return (
    <div className={wide ? `${styles.page} ${styles.wide}` : styles.page}>
      {back !== undefined && <p className={styles.back}>{back}</p>}
      <div className={styles.head}>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </div>
      {lead !== undefined && <p className="lead">{lead}</p>}
      {children}
    </div>
  );
}

interface CardProps {
  readonly title?: ReactNode;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
  readonly className?: string;
}

/** A part of a page. */
export function Card({ title, children, actions, className = '' }: CardProps) {
  return (
    <section className={`${styles.card} ${className}`}>
      {title !== undefined && (
        <div className={styles.head}>
          <h2>{title}</h2>
          {actions !== undefined && <div className={styles.actions}>{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

/** Nothing is there: says so kindly, and what one can do next. */
export function Empty({ children, action }: { readonly children: ReactNode; readonly action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p>{children}</p>
      {action}
    </div>
  );
}

/** Names and what they are, such as the facts of a course. An empty value draws no line. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
