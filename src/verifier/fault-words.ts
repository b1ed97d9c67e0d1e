import type { PackFault } from '../audit/evidence.ts';
import type { ExportFault } from '../audit/verify-export.ts';
import type { TilesFault } from '../audit/verify-tiles.ts';

/** Any fault of an export, a pack or published tiles. */
export type Fault = ExportFault | PackFault | TilesFault;

type Words = { readonly [F in Fault['fault']]: { readonly tr: string; readonly en: string } };

/** Names in braces are those of the fault. */
export const words: Words = {
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

/** One sentence for a reader of the log. */
export function describeFault(fault: Fault, language: 'tr' | 'en'): string {
  const facts: Record<string, unknown> = { ...fault };
  return words[fault.fault][language].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(facts[name]));
}
