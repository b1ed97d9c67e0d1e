import type { ExportSummary } from '../audit/verify-export.ts';

export type Language = 'tr' | 'en';

interface Messages {
  readonly oneFile: string;
  readonly noExport: (path: string) => string;
  readonly badKey: (key: string) => string;
  readonly badCheckpoint: (path: string) => string;
  readonly forgedCheckpoint: (path: string) => string;
  readonly unusable: (why: string) => string;
  readonly intact: (summary: ExportSummary) => string;
  readonly tampered: string;
  readonly more: (count: number) => string;
  readonly read: (summary: ExportSummary) => string;
  readonly keyNotKnown: (key: string) => string;
  readonly notCompared: (size: number) => string;
}

export const messages: Readonly<Record<Language, Messages>> = {
  en: {
    oneFile: 'give one exported log; --help says more',
    noExport: (path) => `${path} is no exported log`,
    badKey: (key) => `${key} is no verifier key (name+hash+key)`,
    badCheckpoint: (path) => `${path} is no checkpoint`,
    forgedCheckpoint: (path) => `${path} is not signed by the given key`,
    unusable: (why) => `Could not be checked: ${why}.`,
    intact: ({ entries, isComplete, size }) =>
      isComplete
        ? `Intact: all ${entries} entries of the log.`
        : `Intact: these ${entries} entries are on the log of ${size}. It was read with a filter, so this file cannot show that none is left out.`,
    tampered: 'TAMPERED WITH:',
    more: (count) => `… and ${count} more`,
    read: ({ origin, size, root }) => `Log ${origin}, ${size} entries, root ${root}`,
    keyNotKnown: (key) =>
      `The file itself states the key: ${key}\n  Compare it with the one that you know, or give that with --key.`,
    notCompared: (size) => `The checkpoint over ${size} entries could not be compared with this file.`,
  },
  tr: {
    oneFile: 'dışa aktarılmış bir günlük verin; --help daha fazlasını söyler',
    noExport: (path) => `${path} dışa aktarılmış bir günlük değil`,
    badKey: (key) => `${key} bir doğrulama anahtarı değil (ad+özet+anahtar)`,
    badCheckpoint: (path) => `${path} bir mühür değil`,
    forgedCheckpoint: (path) => `${path} verilen anahtarla imzalanmamış`,
    unusable: (why) => `Denetlenemedi: ${why}.`,
    intact: ({ entries, isComplete, size }) =>
      isComplete
        ? `Sağlam: günlüğün ${entries} kaydının tamamı.`
        : `Sağlam: bu ${entries} kayıt ${size} kayıtlık günlükte var. Süzgeçle okunduğu için eksik kayıt olmadığını bu dosya gösteremez.`,
    tampered: 'DEĞİŞTİRİLMİŞ:',
    more: (count) => `… ve ${count} tane daha`,
    read: ({ origin, size, root }) => `Günlük ${origin}, ${size} kayıt, kök ${root}`,
    keyNotKnown: (key) =>
      `Anahtarı dosyanın kendisi söylüyor: ${key}\n  Bildiğiniz anahtarla karşılaştırın ya da onu --key ile verin.`,
    notCompared: (size) => `${size} kayıtlık mühür bu dosyayla karşılaştırılamadı.`,
  },
};

export const help = {
  en: `emanet-verify EXPORT [--key KEY]… [--checkpoint FILE]… [--json]

Checks an exported log (JSON Lines) on this computer, with neither network nor database.

  --key KEY          verifier key of the log, name+hash+key, or a file with it: from the school's
                     notice board, the address /.well-known/emanet-log or an earlier visit
  --checkpoint FILE  a checkpoint of the log that you kept: whatever it saw must still be there
  --json             the answer as JSON

Exit status: 0 intact, 1 tampered with (it says which entry and how), 2 could not be checked.`,
  tr: `emanet-verify DOSYA [--key ANAHTAR]… [--checkpoint DOSYA]… [--json]

Dışa aktarılmış bir günlüğü (JSON Lines) ağ ve veritabanı olmadan bu bilgisayarda denetler.

  --key ANAHTAR       günlüğün doğrulama anahtarı, ad+özet+anahtar, ya da onu içeren dosya: okulun
                      panosundan, /.well-known/emanet-log adresinden ya da önceki denetimden
  --checkpoint DOSYA  sakladığınız bir mühür: onun gördüğü her şey hâlâ yerinde olmalı
  --json              yanıtı JSON olarak ver

Çıkış kodu: 0 sağlam, 1 değiştirilmiş (hangi kayıt ve nasıl), 2 denetlenemedi.`,
} as const;
