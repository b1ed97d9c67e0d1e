import type { Summary } from './summary.ts';

export type Language = 'tr' | 'en';

interface Messages {
  readonly oneFile: string;
  readonly noExport: (path: string) => string;
  readonly badKey: (key: string) => string;
  readonly badCheckpoint: (path: string) => string;
  readonly forgedCheckpoint: (path: string) => string;
  readonly unusable: (why: string) => string;
  readonly noReceipt: (path: string) => string;
  readonly noTiles: (folder: string) => string;
  readonly needsKey: (folder: string) => string;
  /** A receipt has a page of its own (`receipt-words.ts`). */
  readonly intact: (summary: Exclude<Summary, { kind: 'receipt' }>) => string;
  readonly tampered: string;
  readonly more: (count: number) => string;
  readonly read: (summary: Pick<Summary, 'origin' | 'size' | 'root'>) => string;
  readonly keyNotKnown: (key: string) => string;
  readonly notCompared: (size: number) => string;
}

export const messages: Readonly<Record<Language, Messages>> = {
  en: {
    oneFile: 'give one exported log, evidence pack, receipt or folder of tiles; --help says more',
    noExport: (path) => `${path} is neither an exported log, nor an evidence pack, nor a receipt`,
    noReceipt: (path) => `${path} is no receipt, or one of a later version`,
    noTiles: (folder) => `${folder} holds no checkpoint`,
    needsKey: (folder) => `${folder} holds no key: give it with --key`,
    badKey: (key) => `${key} is no verifier key (name+hash+key)`,
    badCheckpoint: (path) => `${path} is no checkpoint`,
    forgedCheckpoint: (path) => `${path} is not signed by the given key`,
    unusable: (why) => `Could not be checked: ${why}.`,
    intact(summary) {
      const { kind, size } = summary;
      if (kind === 'tiles')
        return `Intact: the tree over ${size} entries is that of ${summary.checkpoints} checkpoint(s), each a beginning of the next.`;
      const { entries } = summary;
      if (kind === 'pack')
        return `Intact: the evidence about the ${summary.about.kind} ${summary.about.id}, all ${entries} entries of it and every file, as it was made.`;
      return summary.isComplete
        ? `Intact: all ${entries} entries of the log.`
        : `Intact: these ${entries} entries are on the log of ${size}. It was read with a filter, so this file cannot show that none is left out.`;
    },
    tampered: 'TAMPERED WITH:',
    more: (count) => `… and ${count} more`,
    read: ({ origin, size, root }) => `Log ${origin}, ${size} entries, root ${root}`,
    keyNotKnown: (key) =>
      `The file itself states the key: ${key}\n  Compare it with the one that you know, or give that with --key.`,
    notCompared: (size) => `The checkpoint over ${size} entries could not be compared with this file.`,
  },
  tr: {
    oneFile:
      'dışa aktarılmış bir günlük, bir kanıt paketi, bir alındı belgesi ya da bir yaprak klasörü verin; --help daha fazlasını söyler',
    noExport: (path) => `${path} ne dışa aktarılmış bir günlük ne bir kanıt paketi ne de bir alındı belgesi`,
    noReceipt: (path) => `${path} bir alındı belgesi değil ya da daha yeni bir sürümün belgesi`,
    noTiles: (folder) => `${folder} içinde mühür yok`,
    needsKey: (folder) => `${folder} içinde anahtar yok: --key ile verin`,
    badKey: (key) => `${key} bir doğrulama anahtarı değil (ad+özet+anahtar)`,
    badCheckpoint: (path) => `${path} bir mühür değil`,
    forgedCheckpoint: (path) => `${path} verilen anahtarla imzalanmamış`,
    unusable: (why) => `Denetlenemedi: ${why}.`,
    intact(summary) {
      const { kind, size } = summary;
      if (kind === 'tiles')
        return `Sağlam: ${size} kaydın ağacı ${summary.checkpoints} mühürle de uyuşuyor, her mühür bir sonrakinin başlangıcı.`;
      const { entries } = summary;
      if (kind === 'pack') {
        const what = summary.about.kind === 'recording' ? 'kayıt' : 'katılımcı';
        return `Sağlam: ${summary.about.id} (${what}) hakkındaki kanıt, ${entries} günlük kaydı ve bütün dosyalarıyla alındığı gibi.`;
      }
      return summary.isComplete
        ? `Sağlam: günlüğün ${entries} kaydının tamamı.`
        : `Sağlam: bu ${entries} kayıt ${size} kayıtlık günlükte var. Süzgeçle okunduğu için eksik kayıt olmadığını bu dosya gösteremez.`;
    },
    tampered: 'DEĞİŞTİRİLMİŞ:',
    more: (count) => `… ve ${count} tane daha`,
    read: ({ origin, size, root }) => `Günlük ${origin}, ${size} kayıt, kök ${root}`,
    keyNotKnown: (key) =>
      `Anahtarı dosyanın kendisi söylüyor: ${key}\n  Bildiğiniz anahtarla karşılaştırın ya da onu --key ile verin.`,
    notCompared: (size) => `${size} kayıtlık mühür bu dosyayla karşılaştırılamadı.`,
  },
};

/** The verifier carries its own words. For a language that it lacks, it uses English. */
export const spokenFor = (tag: string): Language => (Object.hasOwn(messages, tag) ? (tag as Language) : 'en');

export const help = {
  en: `emanet-verify EXPORT|PACK|RECEIPT|TILES [--key KEY]… [--checkpoint FILE]… [--json]

Checks an exported log (JSON Lines), an evidence pack (ZIP), the receipt of an answer (JSON) or a
folder with the published tiles of a log on this computer, with neither network nor database.

  --key KEY          verifier key of the log, name+hash+key, or a file with it: from the school's
                     notice board, the address /.well-known/emanet-log or an earlier visit
  --checkpoint FILE  a checkpoint of the log that you kept: whatever it saw must still be there
  --json             the answer as JSON

Exit status: 0 intact, 1 tampered with (it says which entry and how), 2 could not be checked.`,
  tr: `emanet-verify DOSYA|PAKET|BELGE|KLASÖR [--key ANAHTAR]… [--checkpoint DOSYA]… [--json]

Dışa aktarılmış bir günlüğü (JSON Lines), bir kanıt paketini (ZIP), bir yanıtın alındı belgesini
(JSON) ya da yayınlanan ağacın klasörünü ağ ve veritabanı olmadan bu bilgisayarda denetler.

  --key ANAHTAR       günlüğün doğrulama anahtarı, ad+özet+anahtar, ya da onu içeren dosya: okulun
                      panosundan, /.well-known/emanet-log adresinden ya da önceki denetimden
  --checkpoint DOSYA  sakladığınız bir mühür: onun gördüğü her şey hâlâ yerinde olmalı
  --json              yanıtı JSON olarak ver

Çıkış kodu: 0 sağlam, 1 değiştirilmiş (hangi kayıt ve nasıl), 2 denetlenemedi.`,
} as const;
