import { CopyButton } from '../../parts/copy-button.tsx';
import styles from './backup-codes.module.css';

/** Codes that somebody keeps on paper. */
export function BackupCodes({ codes }: { readonly codes: readonly string[] }) {
  return (
    <>
      <ul className={styles.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="row">
        <CopyButton text={codes.join('\n')} />
      </div>
    </>
  );
}
