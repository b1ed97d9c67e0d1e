import styles from './button.module.css';

export type Tone = 'plain' | 'primary' | 'danger' | 'quiet';

export interface Look {
  readonly tone?: Tone | undefined;
  readonly small?: boolean | undefined;
  readonly wide?: boolean | undefined;
}

/** The class of something that looks like a button, such as a link that begins something. */
export const buttonClass = ({ tone = 'plain', small = false, wide = false }: Look = {}): string =>
  [styles.button, styles[tone], small && styles.small, wide && styles.wide].filter(Boolean).join(' ');
