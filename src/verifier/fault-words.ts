import type { PackFault } from '../audit/evidence.ts';
import type { ReceiptFault } from '../audit/receipt.ts';
import type { ExportFault } from '../audit/verify-export.ts';
import type { TilesFault } from '../audit/verify-tiles.ts';

type LogFault = ExportFault | PackFault | TilesFault;
/** Any fault of an export, a pack, published tiles or a receipt. */
export type Fault = LogFault | ReceiptFault;

type Words<Code extends string> = { readonly [F in Code]: { readonly tr: string; readonly en: string } };

/** Names in braces are those of the fault. */
export const words: Words<LogFault['fault']> = {
  LINE: {
    tr: '{line}. satır bu dosyaya ait değil',
    en: 'line {line} does not belong to this file',
  },
  NOT_CANONICAL: {
    tr: '{seq}. kayıt: metni kurallı biçimde değil',
    en: 'entry {seq}: its text is not in canonical form',
  },
  CHANGED: { tr: '{seq}. kayıt: içeriği değiştirilmiş', en: 'entry {seq}: what it says was changed' },
  NOT_INCLUDED: {
    tr: '{seq}. kayıt: imzalanan günlükte böyle bir kayıt yok',
    en: 'entry {seq}: the log that was signed has no such entry there',
  },
  NO_PROOF: {
    tr: '{seq}. kayıt: günlükte olduğunun kanıtı eksik',
    en: 'entry {seq}: the proof that it is on the log is missing',
  },
  SEQUENCE: {
    tr: '{expected}. kayıt beklenirken {seq}. kayıt geldi: silinmiş, eklenmiş ya da yeri değişmiş kayıt var',
    en: 'entry {seq} stands where {expected} was expected: entries were removed, put in or moved',
  },
  ROOT: {
    tr: '{from}–{to} arası kayıtlar imzalanan günlükteki gibi değil',
    en: 'the entries {from} to {to} are not those that were signed',
  },
  CUT_OFF: { tr: '{from}–{to} arası kayıtlar eksik', en: 'the entries {from} to {to} are missing' },
  NO_END: { tr: 'dosyanın sonu eksik', en: 'the end of the file is missing' },
  COUNT: {
    tr: 'dosya {stated} kayıt olduğunu söylüyor, {counted} kayıt var',
    en: 'the file says that it has {stated} entries, and it has {counted}',
  },
  SIGNATURE: {
    tr: '{size} kayıtlık mühür günlüğün anahtarıyla imzalanmamış',
    en: 'the checkpoint over {size} entries is not signed by the key of the log',
  },
  ORIGIN: {
    tr: '{size} kayıtlık mühür başka bir günlüğün',
    en: 'the checkpoint over {size} entries is of another log',
  },
  INCONSISTENT: {
    tr: '{size} kayıtlık mühür bu günlüğün daha önceki bir hâli değil',
    en: 'the checkpoint over {size} entries is not an earlier state of this log',
  },
  FORK: {
    tr: 'ilk {size} kayıt, başka yerde saklanan mührün söylediği gibi değil: günlük çatallanmış',
    en: 'the first {size} entries are not those of the checkpoint kept elsewhere: the log has forked',
  },
  OLDER_THAN_KNOWN: {
    tr: 'başka yerde saklanan mühürde {size} kayıt var, bu dosyanın mührü daha eski',
    en: 'the checkpoint kept elsewhere has {size} entries, the one of this file is older',
  },
  FILE_CHANGED: { tr: '{name} değiştirilmiş', en: '{name} was changed' },
  FILE_MISSING: { tr: '{name} eksik', en: '{name} is missing' },
  FILE_NOT_LISTED: { tr: '{name} bu pakete ait değil', en: '{name} does not belong to this pack' },
  PACK_NOT_ON_LOG: {
    tr: 'imzalanan günlükte bu paketin bu hâliyle alındığı yazmıyor',
    en: 'the log that was signed does not say that this pack was made as it is',
  },
  ENTRIES_LEFT_OUT: {
    tr: 'paket alınırken içinde olan kayıtlar bunlar değil: eksik ya da fazla kayıt var',
    en: 'these are not the entries that were in the pack when it was made: some were left out or put in',
  },
  ARCHIVE_CHANGED: {
    tr: 'paket dosyasının kendisi bozulmuş ya da değiştirilmiş: Emanet böyle bir arşiv yazmaz ({why})',
    en: 'the archive itself is damaged or was changed: Emanet writes none like it ({why})',
  },
  TILE_CHANGED: { tr: '{name} değiştirilmiş', en: '{name} was changed' },
  TILE_MISSING: { tr: '{name} eksik', en: '{name} is missing' },
  TREE: {
    tr: 'ilk {size} kaydın özetleri mühürdeki gibi değil',
    en: 'the hashes of the first {size} entries are not those of the checkpoint',
  },
};

/** Of receipts, which only this program checks. */
const receiptWords: Words<Exclude<ReceiptFault['fault'], LogFault['fault']>> = {
  RECEIPT_BROKEN: {
    tr: 'alındı belgesi okunamıyor ya da bir parçası eksik',
    en: 'the receipt cannot be read, or a part of it is missing',
  },
  RESPELLED: {
    tr: 'dosya Emanet’in yazdığı biçimde değil: biri onu yeniden yazmış',
    en: 'the file is not spelled as Emanet spells it: somebody wrote it again',
  },
  EVIDENCE_CHANGED: {
    tr: 'imzanın kanıtı, günlükte yazılı olan kanıt değil: içeriği değiştirilmiş',
    en: 'the evidence of the signature is not the one on the log: what it says was changed',
  },
  TERMS_CHANGED: {
    tr: 'koşullar, imzalayana gösterilen koşullar değil',
    en: 'the terms are not those that the signer was shown',
  },
  CONSENT_CHANGED: {
    tr: 'programlar için olan bölüm, kanıtın söylediğini söylemiyor',
    en: 'the part for programs does not say what the evidence says',
  },
  NOT_ON_LOG: {
    tr: '{seq}. kayıt böyle bir yanıtın alındığını söylemiyor',
    en: 'entry {seq} does not say that such an answer was taken',
  },
  PROOF_WRONG: {
    tr: '{seq}. kayıt: imzalanan günlükte bu hâliyle yok',
    en: 'entry {seq}: the log that was signed has no such entry there',
  },
  CHECKPOINT_WRONG: {
    tr: 'mühür günlüğün anahtarıyla imzalanmamış',
    en: 'the checkpoint is not signed by the key of the log',
  },
  KEY_DIFFERS: {
    tr: 'belge, verilen anahtardan başka bir anahtar söylüyor',
    en: 'the receipt states another key than the given one',
  },
};

/** One sentence for a reader of the log. */
export function describeFault(fault: Fault, language: 'tr' | 'en'): string {
  const facts: Record<string, unknown> = { ...fault };
  const sentences: Words<Fault['fault']> = { ...words, ...receiptWords };
  return sentences[fault.fault][language].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(facts[name]));
}
