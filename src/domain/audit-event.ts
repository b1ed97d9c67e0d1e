import type { Id } from './ids.ts';

/** Everything that gets onto the log, each with one sentence for its reader. Past tense: it has happened. */
export const auditActions = {
  'system.started': { tr: 'Sistem başladı', en: 'The system started' },
  'keys.generated': { tr: 'Kasa anahtarı üretildi', en: 'Vault keys were generated' },
  'keys.imported': { tr: 'Bir anahtar içe aktarıldı', en: 'A key was imported' },
  'keys.rotated': { tr: 'Anahtarlar değiştirildi', en: 'The keys were rotated' },
  'keys.retired': { tr: 'Eski bir anahtar emekliye ayrıldı', en: 'A former key was retired' },
  'keys.epoch_renewed': {
    tr: 'Veritabanındaki zarflar için yeni bir kilit dönemi başladı',
    en: 'A new epoch of the lock on envelopes began',
  },
  'keys.epoch_destroyed': {
    tr: 'Eski bir kilit döneminin anahtarı yok edildi',
    en: 'The key of a former epoch was destroyed',
  },
  'keys.rewrapped': {
    tr: 'Anahtar zarfları yeni anahtarlara sarıldı',
    en: 'Key envelopes were wrapped for the new keys',
  },
  'request.denied': { tr: 'Bir istek yetki nedeniyle reddedildi', en: 'A request was denied' },
  'request.refused': { tr: 'Bir istek nedeni söylenerek reddedildi', en: 'A request was refused, with reasons' },
  'staff.invited': { tr: 'Bir çalışan davet edildi', en: 'A member of staff was invited' },
  'staff.invitation_revoked': { tr: 'Bir davet geri alındı', en: 'An invitation was revoked' },
  'staff.joined': { tr: 'Bir çalışan daveti kabul etti', en: 'A member of staff accepted the invitation' },
  'staff.signed_in': { tr: 'Oturum açıldı', en: 'Somebody signed in' },
  'staff.sign_in_failed': { tr: 'Oturum açma denemesi başarısız', en: 'A sign-in failed' },
  'staff.locked_out': {
    tr: 'Çok sayıda başarısız deneme: hesap bir süre kilitlendi',
    en: 'Too many failures: sign-in locked for a while',
  },
  'staff.signed_out': { tr: 'Oturum kapatıldı', en: 'Somebody signed out' },
  'staff.session_revoked': { tr: 'Bir oturum sonlandırıldı', en: 'A session was revoked' },
  'staff.second_factor_enabled': { tr: 'İkinci adım açıldı', en: 'A second factor was set up' },
  'staff.roles_changed': { tr: 'Bir çalışanın görevleri değişti', en: 'Somebody’s roles changed' },
  'staff.disabled': { tr: 'Bir hesap kapatıldı', en: 'An account was disabled' },
  'token.created': { tr: 'Bir API anahtarı verildi', en: 'An API token was issued' },
  'token.revoked': { tr: 'Bir API anahtarı iptal edildi', en: 'An API token was revoked' },
  'school.changed': { tr: 'Okulun kuralları değişti', en: 'The school’s rules changed' },
  'channel.approved': { tr: 'Bir kanal onaylandı', en: 'A channel was approved' },
  'channel.assessed': { tr: 'Bir kanal için risk değerlendirmesi yapıldı', en: 'A channel was risk-assessed' },
  'lesson.created': { tr: 'Ders kaydı açıldı', en: 'A lesson was created' },
  'lesson.changed': { tr: 'Ders bilgileri değişti', en: 'A lesson was changed' },
  'lesson.announced': { tr: 'Kaydın duyurulduğu bildirildi', en: 'The recording was stated as announced' },
  'lesson.site_added': { tr: 'Katılım noktası eklendi', en: 'A site was added' },
  'lesson.participant_added': { tr: 'Katılımcı eklendi', en: 'A participant was added' },
  'permission.requested': { tr: 'İzin istendi', en: 'Permission was requested' },
  'permission.granted': { tr: 'İzin verildi', en: 'Permission was granted' },
  'permission.refused': { tr: 'İzin verilmedi', en: 'Permission was refused' },
  'permission.withdrawn': { tr: 'İzin geri çekildi', en: 'Permission was withdrawn' },
  'permission.expired': { tr: 'İznin süresi doldu', en: 'Permission expired' },
  'permission.document_sealed': { tr: 'İmzalı belge mühürlendi', en: 'A signed document was sealed' },
  'permission.document_read': { tr: 'İmzalı belge okundu', en: 'A signed document was read' },
  'permission.viewed': { tr: 'İzin kaydına bakıldı', en: 'The permission record was looked at' },
  'gate.held': { tr: 'Kapı açıldı: bütün izinler tamam', en: 'The gate held: every permission is there' },
  'gate.refused': { tr: 'Kapı kapalı: izinler eksik', en: 'The gate refused: permissions are missing' },
  'recording.receiving': { tr: 'Kayıt yüklenmeye başladı', en: 'A recording began to arrive' },
  'recording.received': {
    tr: 'Kaydın bütün baytları geldi, mühürleme başladı',
    en: 'Every byte of a recording has arrived; sealing began',
  },
  'recording.upload_cancelled': {
    tr: 'Yükleme yükleyen kişi tarafından bırakıldı',
    en: 'An upload was given up by its owner',
  },
  'recording.upload_failed': {
    tr: 'Yükleme tamamlanamadı, hiçbir şey saklanmadı',
    en: 'An upload failed; nothing was kept',
  },
  'recording.upload_abandoned': { tr: 'Yarım kalan yükleme silindi', en: 'An abandoned upload was swept away' },
  'recording.sealed': { tr: 'Kayıt şifrelenip saklandı', en: 'A recording was encrypted and stored' },
  'recording.checked': { tr: 'Üçüncü taraf içerik denetimi bitti', en: 'The third-party check is done' },
  'recording.check_failed': { tr: 'Üçüncü taraf içerik denetimi başarısız', en: 'The third-party check failed' },
  'recording.check_requested': {
    tr: 'Üçüncü taraf içerik denetimi yeniden istendi',
    en: 'The third-party check was asked for again',
  },
  'segment.declared': { tr: 'Öğretmen üçüncü taraf içerik bildirdi', en: 'Third-party material was declared' },
  'segment.decided': { tr: 'Bir bölüm için karar verildi', en: 'A segment was decided' },
  'recording.cleared': { tr: 'İnceleme bitti', en: 'The review was finished' },
  'recording.reopened': { tr: 'İnceleme yeniden açıldı', en: 'The review was opened again' },
  'recording.approved': { tr: 'Kayıt onaylandı', en: 'A recording was approved' },
  'recording.rejected': { tr: 'Kayıt reddedildi', en: 'A recording was rejected' },
  'recording.quarantined': { tr: 'Kayıt karantinaya alındı', en: 'A recording was quarantined' },
  'recording.quarantine_lifted': { tr: 'Karantina kaldırıldı', en: 'A quarantine was lifted' },
  'recording.released': { tr: 'Kayıt yayınlandı', en: 'A recording was released' },
  'recording.expired': { tr: 'Kaydın saklama süresi doldu', en: 'The time of a recording is over' },
  'recording.erased': { tr: 'Kayıt silindi: artık kimse açamaz', en: 'A recording was erased: nobody can open it' },
  'recording.erasure_finished': { tr: 'Silme tamamlandı ve belgelendi', en: 'An erasure was finished and certified' },
  'recording.hold_set': { tr: 'Yasal saklama konuldu', en: 'A legal hold was set' },
  'recording.hold_lifted': { tr: 'Yasal saklama kaldırıldı', en: 'A legal hold was lifted' },
  'recording.reseal_requested': { tr: 'Yeni anahtarla mühürleme istendi', en: 'Re-sealing was asked for' },
  'recording.resealed': { tr: 'Kayıt yeni anahtarla mühürlendi', en: 'A recording was sealed again under a new key' },
  'recording.reseal_failed': { tr: 'Yeni anahtarla mühürleme başarısız', en: 'Re-sealing failed' },
  'certificate.read': { tr: 'Silme belgesi alındı', en: 'An erasure certificate was read' },
  'retention.policy_added': { tr: 'Saklama kuralı eklendi', en: 'A retention policy was added' },
  'retention.policy_removed': { tr: 'Saklama kuralı kaldırıldı', en: 'A retention policy was removed' },
  'recording.exported': { tr: 'Kayıt dışa aktarıldı', en: 'A recording was exported' },
  'recording.release_ended': { tr: 'Yayın sona erdi', en: 'A release ended' },
  'rendition.made': { tr: 'İzlenebilir kopya hazır', en: 'A rendition was made' },
  'rendition.failed': { tr: 'İzlenebilir kopya yapılamadı', en: 'A rendition failed' },
  'link.created': { tr: 'Kişisel izleme bağlantısı verildi', en: 'A personal link was issued' },
  'link.revoked': { tr: 'Kişisel izleme bağlantısı iptal edildi', en: 'A personal link was revoked' },
  'media.opened': { tr: 'Kayıt izlenmek üzere açıldı', en: 'Media was opened for watching' },
  'media.served': { tr: 'Kaydın bir bölümü izlendi', en: 'A part of the media was served' },
  'media.stopped': {
    tr: 'İzleme durduruldu: izin ya da yayın artık geçerli değil',
    en: 'Watching was stopped: permission or release no longer holds',
  },
  'work.registered': { tr: 'Bir eser kütüğe eklendi', en: 'A work was registered' },
  'scrub.started': { tr: 'Depo taraması istendi', en: 'A scrub was asked for' },
  'scrub.failed': { tr: 'Saklanan bir nesne bozuk ya da eksik', en: 'A stored object is damaged or missing' },
  'scrub.recovered': { tr: 'Bozuk bulunan nesne yeniden sağlam', en: 'An object found damaged is whole again' },
  'scrub.finished': { tr: 'Depo taraması bitti', en: 'A scrub of the store was finished' },
  'store.reconciled': { tr: 'Veritabanı ile depo karşılaştırıldı', en: 'Database and store were compared' },
  'job.failed': { tr: 'Bir iş tekrar tekrar başarısız oldu', en: 'A job keeps failing' },
  'job.retried': { tr: 'Başarısız bir iş yeniden denendi', en: 'A failed job was tried again' },
  'audit.read': { tr: 'Günlük okundu', en: 'The log was read' },
  'audit.exported': { tr: 'Günlük dışa aktarıldı', en: 'The log was exported' },
} as const satisfies Record<string, { tr: string; en: string }>;

export type AuditAction = keyof typeof auditActions;

export interface AuditEvent {
  readonly action: AuditAction;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly object?: {
    readonly kind: string;
    readonly id: Id;
    readonly lessonId?: Id | undefined;
    readonly recordingId?: Id | undefined;
  };
  /** Facts only, JSON. Never a name, an address, a token: people stand here by id. */
  readonly details?: Readonly<Record<string, unknown>>;
}
