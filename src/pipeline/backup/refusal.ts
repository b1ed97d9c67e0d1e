/** Why a backup, a restore or a drill does not go on. The command line has a sentence for each. */
export const backupRefusals = [
  'ACCOUNT_THERE',
  'ALREADY_RUNNING',
  'ANOTHER_BACKUP',
  'ANOTHER_SCHOOL',
  'DATABASE_EMPTY',
  'DATABASE_IN_USE',
  'DATABASE_NOT_EMPTY',
  'DIGEST_DIFFERS',
  'ERASED_UNKNOWN',
  'FIRST_OF_SEVERAL',
  'KEYS_DIFFER',
  'KEYS_OF_ANOTHER',
  'KEYS_OF_EACH',
  'LOG_AHEAD',
  'LOG_DIFFERS',
  'NEWER_BACKUP',
  'NO_BACKUP',
  'NO_BACKUP_KEY',
  'NO_KEYS',
  'NO_KEYS_FILE',
  'NO_ACCOUNT',
  'NO_RECORDING',
  'NO_SUCH_BACKUP',
  'NOT_A_DUMP',
  'NOT_CONSISTENT',
  'NOT_OURS',
  'NOT_TAKEN_OUT',
  'OBJECT_MISSING',
  'NO_SUCH_SCHOOL',
  'OTHER_TABLES',
  'OTHER_VERSION',
  'SCHOOL_THERE',
  'TAKEN_OUT',
  'UNKNOWN_FORM',
] as const;
export type BackupRefusalCode = (typeof backupRefusals)[number];

export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
  readonly code: BackupRefusalCode;
  readonly params: Readonly<Record<string, string | number>>;

  constructor(code: BackupRefusalCode, params: Readonly<Record<string, string | number>> = {}, cause?: unknown) {
    super(`${code} ${JSON.stringify(params)}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.params = params;
  }
}
