import type { ReactNode } from 'react';
import styles from './notice.module.css';

interface NoticeProps {
  readonly tone?: 'plain' | 'good' | 'bad' | 'waits';
  readonly children: ReactNode;
}

export function Notice({ tone = 'plain', children }: NoticeProps) {
  return <div className={`${styles.notice} ${styles[tone]}`}>{children}</div>;
}
