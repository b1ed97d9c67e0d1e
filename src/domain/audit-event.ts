import type { Region } from './decision.ts';
import type { Id, Scope, StaffRole } from './ids.ts';

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
  'keys.epoch_ending': {
    tr: 'Eski bir kilit döneminin anahtarı yok edilecek',
    en: 'The key of a former epoch is about to be destroyed',
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
  'staff.code_asked': {
    tr: 'Parola doğruydu; ikinci doğrulama adımı istendi',
    en: 'A password was right; a second factor was asked for',
  },
  'staff.confirmed': { tr: 'Oturumun sahibi kimliğini yeniden gösterdi', en: 'The owner of a session confirmed it' },
  'staff.signed_out': { tr: 'Oturum kapatıldı', en: 'Somebody signed out' },
  'staff.session_revoked': { tr: 'Bir oturum sonlandırıldı', en: 'A session was revoked' },
  'staff.second_factor_enabled': { tr: 'İkinci adım açıldı', en: 'A second factor was set up' },
  'staff.second_factor_begun': {
    tr: 'İkinci adımın kurulumu başladı',
    en: 'Setting up a second factor was begun',
  },
  'staff.second_factor_removed': { tr: 'Doğrulama uygulaması kaldırıldı', en: 'An authenticator was removed' },
  'staff.backup_codes_made': { tr: 'Yeni yedek kodlar üretildi', en: 'New backup codes were made' },
  'staff.passkey_added': { tr: 'Geçiş anahtarı eklendi', en: 'A passkey was added' },
  'staff.passkey_removed': { tr: 'Geçiş anahtarı silindi', en: 'A passkey was removed' },
  'staff.password_changed': { tr: 'Parola değiştirildi', en: 'A password was changed' },
  'staff.password_reset_asked': {
    tr: 'Bir yönetici yeni parola bağlantısı gönderilmesini istedi',
    en: 'An administrator asked to send a link to a new password',
  },
  'staff.password_reset_issued': {
    tr: 'Yeni parola bağlantısı üretildi',
    en: 'A link to a new password was made',
  },
  'staff.password_reset': { tr: 'Parola bağlantıyla yenilendi', en: 'A password was chosen by a link' },
  'staff.factor_reset_asked': {
    tr: 'İkinci adımın sıfırlanması istendi',
    en: 'Resetting a second factor was asked for',
  },
  'staff.factor_reset_cancelled': {
    tr: 'İkinci adımın sıfırlanması geri çağrıldı',
    en: 'Resetting a second factor was called back',
  },
  'staff.factor_reset': { tr: 'İkinci adım sıfırlandı', en: 'A second factor was reset' },
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
  'permission.document_read': {
    tr: 'İmzalı belge okunmak üzere açıldı',
    en: 'A signed document was opened for reading',
  },
  'permission.viewed': { tr: 'İzin kaydına bakıldı', en: 'The permission record was looked at' },
  'gate.held': { tr: 'Kapı açıldı: bütün izinler tamam', en: 'The gate held: every permission is there' },
  'gate.refused': { tr: 'Kapı kapalı: izinler eksik', en: 'The gate refused: permissions are missing' },
  'recording.receiving': { tr: 'Kayıt yüklenmeye başladı', en: 'A recording began to arrive' },
  'recording.received': {
    tr: 'Kaydın bütün baytları geldi, mühürleme başladı',
    en: 'Every byte of a recording has arrived; sealing began',
  },
  'recording.upload_cancelled': {
    tr: 'Bir yükleme bırakıldı',
    en: 'An upload was given up',
  },
  'recording.upload_failed': {
    tr: 'Yükleme tamamlanamadı; gelen artık açılamaz',
    en: 'An upload failed; what had arrived opens no more',
  },
  'recording.upload_abandoned': {
    tr: 'Yarım kalan yükleme sona erdirildi; gelen artık açılamaz',
    en: 'An abandoned upload was ended; what had arrived opens no more',
  },
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
  'recording.erased': {
    tr: 'Kayıt silindi: Emanet onu artık kimseye açmaz',
    en: 'A recording was erased: Emanet opens it for nobody any more',
  },
  'recording.erasure_finished': { tr: 'Silme tamamlandı ve belgelendi', en: 'An erasure was finished and certified' },
  'recording.hold_set': { tr: 'Yasal saklama konuldu', en: 'A legal hold was set' },
  'recording.hold_lifted': { tr: 'Yasal saklama kaldırıldı', en: 'A legal hold was lifted' },
  'recording.reseal_requested': { tr: 'Yeni anahtarla mühürleme istendi', en: 'Re-sealing was asked for' },
  'recording.resealed': { tr: 'Kayıt yeni anahtarla mühürlendi', en: 'A recording was sealed again under a new key' },
  'recording.reseal_failed': { tr: 'Yeni anahtarla mühürleme başarısız', en: 'Re-sealing failed' },
  'certificate.read': { tr: 'Silme belgesi istendi', en: 'An erasure certificate was asked for' },
  'retention.change_asked': {
    tr: 'Kayıtların daha erken silinmesini sağlayacak bir değişiklik istendi; bekliyor',
    en: 'A change that makes recordings go sooner was asked for; it waits',
  },
  'retention.change_confirmed': {
    tr: 'Bekleyen bir değişikliği ikinci bir yönetici onayladı',
    en: 'A second administrator confirmed a waiting change',
  },
  'retention.change_called_back': { tr: 'Bekleyen bir değişiklik geri alındı', en: 'A waiting change was called back' },
  'retention.policy_added': { tr: 'Saklama kuralı eklendi', en: 'A retention policy was added' },
  'retention.policy_removed': { tr: 'Saklama kuralı kaldırıldı', en: 'A retention policy was removed' },
  'recording.exported': {
    tr: 'Kaydın dışa aktarımı başladı, bitti ya da yarıda kaldı',
    en: 'The export of a recording began, ended or broke off',
  },
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
  'detection.changed': { tr: 'Kayıtlarda aranacaklar değişti', en: 'What is looked for in recordings was changed' },
  'segment.shown': { tr: 'Bir bölümün kanıtı istendi', en: 'The evidence of a segment was asked for' },
  'work.registered': { tr: 'Bir eser kütüğe eklendi', en: 'A work was registered' },
  'work.described': { tr: 'Bir eserin bilgileri değişti', en: 'What is said of a work was changed' },
  'scrub.started': { tr: 'Depo taraması istendi', en: 'A scrub was asked for' },
  'scrub.failed': { tr: 'Saklanan bir nesne bozuk ya da eksik', en: 'A stored object is damaged or missing' },
  'scrub.recovered': { tr: 'Bozuk bulunan nesne yeniden sağlam', en: 'An object found damaged is whole again' },
  'scrub.finished': { tr: 'Depo taraması bitti', en: 'A scrub of the store was finished' },
  'store.reconciled': { tr: 'Veritabanı ile depo karşılaştırıldı', en: 'Database and store were compared' },
  'job.failed': { tr: 'Bir iş tekrar tekrar başarısız oldu', en: 'A job keeps failing' },
  'job.retried': { tr: 'Başarısız bir iş yeniden denendi', en: 'A failed job was tried again' },
  'audit.read': { tr: 'Günlüğe bakıldı', en: 'The log was looked at' },
  'audit.exported': { tr: 'Günlüğün dışa aktarımı istendi', en: 'An export of the log was asked for' },
  'audit.pack_made': { tr: 'Kanıt paketi hazırlandı', en: 'An evidence pack was made' },
  'audit.anomalies_read': { tr: 'Olağandışılıklara bakıldı', en: 'The anomalies were looked at' },
  'audit.digest_signed': { tr: 'Günün özeti imzalandı', en: 'The digest of a day was signed' },
  'audit.forked': {
    tr: 'Günlüğün başka yerdeki kopyası bu günlükle uyuşmuyor',
    en: 'A copy of the log kept elsewhere does not fit this log',
  },
  'person.forgotten': {
    tr: 'Bir kişinin günlükteki anahtarı silindi: takma adı artık çözülemez',
    en: 'The key of a person was erased: the log no longer tells who it was',
  },
} as const satisfies Record<string, { tr: string; en: string }>;

export type AuditAction = keyof typeof auditActions;

/** Whoever stands on the log under a pseudonym. An invitation and a personal link stand for the person who holds them. */
export const personKinds = ['staff', 'participant', 'viewer', 'invitation'] as const;
export type PersonKind = (typeof personKinds)[number];
export interface Person {
  readonly person: PersonKind;
  readonly id: Id;
}
/** Code and subject of a reason of a refusal; its sentences are made of them. */
export interface ReasonOnLog {
  readonly code: string;
  readonly subject: Person | Id | null;
}
/** What binds a sealed object to its bytes: digests and salt in hex (docs/vault-format.md). */
export interface Binding {
  readonly sealedId: Id;
  readonly salt: string;
  readonly chunkOctet: number;
  readonly bodyBytes: number;
  readonly bodySha256: string;
  readonly envelopeSha256: string;
  readonly commitment: string;
}
/** Of an entry that stands for several events of one kind: how many there were and between when. */
export interface Counted {
  readonly times?: {
    readonly count: number;
    readonly from: string;
    readonly until: string;
    /** They came from further addresses than are told apart in a minute. */
    readonly more?: true;
  };
}
interface Refused extends Counted {
  readonly code: string;
  readonly route: string;
  readonly reasons: readonly ReasonOnLog[];
}
/** How many sessions and API tokens ended with it. */
interface EndedAccess {
  readonly sessions: number;
  readonly tokens: number;
}
interface PermissionChange {
  readonly site: Id | null;
  readonly participant: Person | null;
}
/** Bytes of the media from and up to, and roughly the seconds that they are. */
interface Span {
  readonly bytes: readonly number[];
  readonly aboutSeconds: readonly number[];
}
/** A filter as it was asked for; a person in it under their pseudonym. */
type Asked = Readonly<Record<string, string | Person>>;
interface Retention {
  readonly kind?: string | null;
  readonly schoolYear?: number | null;
  readonly keepDays: number | null;
  readonly keepUntil: string | null;
}

/** What the entries say beyond action, outcome and object, for the actions that say more. Times are RFC 3339. */
export interface AuditPayloads {
  /** SHA-256 of each setting that is not as by default, the beginning in hex; secrets are left out. So a change is seen. */
  'system.started': { readonly settings: Readonly<Record<string, string>> };
  'keys.generated': { readonly role: string; readonly version: 4 | 6 };
  'keys.imported': { readonly role: string };
  'keys.rotated': { readonly recipients: readonly string[] };
  'keys.retired': { readonly role: string };
  'keys.epoch_renewed': { readonly before: number };
  'keys.epoch_ending': { readonly current: number };
  'keys.epoch_destroyed': { readonly current: number };
  'keys.rewrapped': {
    readonly recipients: readonly string[];
    readonly epoch: number;
    /** SHA-256 of the new envelope, by sealed object: the scrub holds what is stored against the newest of these. */
    readonly envelopes: Readonly<Record<Id, string>>;
    readonly unopened?: readonly Id[];
  };
  'request.denied': Refused;
  'request.refused': Refused;
  'gate.refused': Refused;
  'staff.invited': { readonly roles: readonly StaffRole[] };
  'staff.joined': { readonly invitation: Person };
  'staff.locked_out': Counted;
  'staff.signed_in': { readonly factor: string };
  'staff.confirmed': { readonly factor: string };
  /** `step`: what was wrong: password, code, passkey, or what a session was to be confirmed with. */
  'staff.sign_in_failed': { readonly locked: boolean; readonly step: string } & Counted;
  'staff.session_revoked': { readonly owner: Person; readonly sessions: number };
  'staff.password_changed': EndedAccess;
  'staff.password_reset': EndedAccess;
  'staff.factor_reset': EndedAccess;
  'staff.password_reset_asked': { readonly by: 'mail' | 'hand' };
  'staff.password_reset_issued': { readonly by: 'mail' | 'hand' };
  'staff.roles_changed': { readonly roles: readonly StaffRole[] };
  'staff.disabled': { readonly disabled: boolean };
  'token.created': { readonly scopes: readonly Scope[] };
  /** The rules that changed, with their new values. */
  'school.changed': Readonly<Record<string, string | boolean | number | null | readonly StaffRole[]>>;
  'channel.assessed': { readonly validFrom: string; readonly validUntil: string };
  'lesson.created': { readonly sites: number; readonly participants: number };
  'lesson.changed': { readonly fields: readonly string[] };
  'lesson.announced': { readonly second: number | null };
  'permission.requested': PermissionChange;
  'permission.granted': PermissionChange;
  'permission.refused': PermissionChange;
  'permission.withdrawn': PermissionChange;
  'permission.expired': PermissionChange;
  'permission.document_sealed': Binding & { readonly documentSha256: string };
  'recording.receiving': { readonly resumable: boolean; readonly bytes: number | null };
  'recording.upload_failed': { readonly code: string; readonly reasons: readonly string[] };
  'recording.sealed': Binding & { readonly container?: string; readonly warnings?: readonly string[] };
  'recording.resealed': Binding & { readonly replaces: Id };
  'recording.checked': {
    readonly findings: number;
    /** Left out because the school wants surer ones only. */
    readonly unsure: number;
    readonly fresh: number;
    readonly notAnalysed: number;
    readonly analysedMs: number;
    /** The new findings, the first 200. */
    readonly found: readonly { readonly source: string; readonly startMs: number; readonly endMs: number }[];
  };
  'segment.declared': { readonly startMs: number; readonly endMs: number; readonly ground: string | null };
  /** Region and times only where the reviewer gave some. */
  'segment.decided': {
    readonly kind: string;
    readonly ground: string | null;
    readonly region?: Region;
    readonly startMs?: number;
    readonly endMs?: number;
  };
  /**
   * The segment whose decision it was; null for the recording as a whole. The note is the only text on the log that a person
   * wrote: why nobody will see the recording has to be said by whoever decided it.
   */
  'recording.rejected': { readonly segment: Id | null; readonly note: string | null };
  'recording.cleared': { readonly segments: number; readonly edits: number };
  'recording.quarantined': { readonly reasons: readonly ReasonOnLog[] };
  'recording.released': { readonly audience: string; readonly endsAt: string; readonly rendition: Id };
  'recording.release_ended': { readonly why: string };
  'recording.expired': { readonly at: string; readonly by: { readonly kind: string; readonly id: Id } };
  'recording.erased': { readonly why: string; readonly objects: number; readonly replayed?: true };
  'recording.erasure_finished': {
    readonly objects: number;
    readonly heldByStore: number;
    readonly heldUntil: string | null;
  };
  'recording.hold_set': { readonly endsAt: string | null; readonly reviewAt: string | null };
  'recording.exported': {
    readonly stage: 'begun' | 'ended' | 'broken_off';
    readonly format: string;
    readonly recipient?: string;
    readonly bytes?: number;
  };
  'retention.change_asked': { readonly kind: string; readonly effectiveAt: string };
  'retention.change_confirmed': { readonly kind: string };
  'retention.change_called_back': { readonly kind: string };
  'retention.policy_added': Retention;
  'retention.policy_removed': Retention;
  'rendition.made': Binding & { readonly edits?: number };
  'link.created': { readonly release: Id; readonly expiresAt: string };
  'media.opened': { readonly asked: Span };
  'media.served': { readonly served: Span };
  'media.stopped': { readonly served: Span };
  'detection.changed': {
    readonly names: number;
    readonly gapMs: number;
    readonly least: Readonly<Record<string, number>>;
  };
  'segment.shown': { readonly what: string };
  'work.registered': { readonly sha256: string; readonly durationMs: number };
  'work.described': { readonly sha256: string };
  'scrub.failed': { readonly object: Id; readonly code: string };
  'scrub.recovered': { readonly object: Id; readonly was: string };
  'scrub.finished': { readonly objects: number; readonly bytes: number; readonly faults: number };
  'store.reconciled': Readonly<Record<string, number>>;
  'job.failed': { readonly task: string; readonly attempts: number };
  'audit.read': { readonly filter: Asked; readonly question?: string };
  'audit.exported': { readonly filter: Asked };
  'audit.anomalies_read': { readonly days: number };
  'audit.pack_made': {
    readonly about: 'recording' | 'participant';
    /** SHA-256 of the manifest, in hex: so the log vouches for the pack. */
    readonly manifest: string;
    readonly entries: number;
  };
  'audit.forked': { readonly where: 'store' | 'witness'; readonly day: string };
  'audit.digest_signed': { readonly day: string; readonly size: number; readonly sha256: string };
}

/** Facts only, JSON. Never a name, a contact, a network address, a token: people stand here as {@link Person}. */
export type AuditEvent = { [A in AuditAction]: EventOf<A> }[AuditAction];
type EventOf<A extends AuditAction> = {
  readonly action: A;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly object?: AuditObject | undefined;
} & (A extends keyof AuditPayloads
  ? Record<never, never> extends AuditPayloads[A]
    ? { readonly details?: AuditPayloads[A] }
    : { readonly details: AuditPayloads[A] }
  : { readonly details?: undefined });

/** Events that one entry may stand for several of. */
export type CountableEvent = {
  [A in keyof AuditPayloads]: 'times' extends keyof AuditPayloads[A] ? EventOf<A> : never;
}[keyof AuditPayloads];

export interface AuditObject {
  readonly kind: string;
  readonly id: Id;
  readonly lessonId?: Id | undefined;
  readonly recordingId?: Id | undefined;
}
