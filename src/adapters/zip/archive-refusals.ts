import { Refusal, type RefusalCode } from '../../domain/errors.ts';

const refuse = (refusal: RefusalCode, code: string, tr: string, en: string, cause?: unknown): Refusal =>
  new Refusal(refusal, { reasons: [{ code, tr, en }], ...(cause === undefined ? {} : { cause }) });

export const damagedArchive = (cause: unknown): Refusal =>
  refuse(
    'NOT_MEDIA',
    'ARCHIVE_DAMAGED',
    'Dosya okunabilir bir ZIP arşivi değil: başka bir türden, bozuk, eksik ya da birkaç parçadan biri.',
    'The file is not a ZIP archive that can be read: it is of another kind, damaged, incomplete, or one of several parts.',
    cause,
  );

export const tooManyEntries = (most: number): Refusal =>
  refuse(
    'TOO_LARGE',
    'ARCHIVE_TOO_MANY_FILES',
    `Arşivde ${most} dosyadan fazlası var. Bölümlere ayırıp verin.`,
    `The archive has more than ${most} files. Give it in parts.`,
  );

export const encryptedEntry = (): Refusal =>
  refuse(
    'NOT_MEDIA',
    'ENTRY_ENCRYPTED',
    'Dosya arşivde parolayla korunuyor. Parolasız bir arşiv verin.',
    'The file is protected by a password in the archive. Give an archive without one.',
  );

export const unknownMethod = (): Refusal =>
  refuse(
    'NOT_MEDIA',
    'ENTRY_METHOD',
    'Dosya, burada bilinmeyen bir yöntemle sıkıştırılmış. Arşivi “deflate” ile yeniden oluşturun.',
    'The file is packed by a method that is not known here. Make the archive anew with “deflate”.',
  );

export const expandsTooFar = (ratio: number): Refusal =>
  refuse(
    'MEDIA_NOT_ALLOWED',
    'ENTRY_EXPANDS_TOO_FAR',
    `Dosya açılınca ${ratio} kattan fazla büyüyor; bu bir saldırıya benzer.`,
    `The file grows more than ${ratio} times when it is unpacked, as an attack does.`,
  );

export const damagedEntry = (cause: unknown): Refusal =>
  refuse(
    'NOT_MEDIA',
    'ENTRY_DAMAGED',
    'Dosya arşivde bozuk ya da eksik.',
    'The file is damaged or incomplete in the archive.',
    cause,
  );
