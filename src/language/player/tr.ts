import type { PlayerTexts } from './player-texts.ts';

/** Every Turkish word of the player and of the page for viewers. */
export const player: PlayerTexts = {
  play: 'Oynat',
  pause: 'Duraklat',
  playerOf: 'Oynatıcı: {name}',
  seekTo: 'Konum',
  volume: 'Ses düzeyi',
  muteIt: 'Sesi kapat',
  unmuteIt: 'Sesi aç',
  speed: 'Hız',
  speedOf: '{n} kat',
  fullScreen: 'Tam ekran',
  captionsOn: 'Altyazıyı göster',
  captionsOff: 'Altyazıyı gizle',
  chapters: 'Bölümler',
  chapterAt: '{time} başlayan bölüm',
  mediaWaits: 'Yükleniyor…',
  otherLanguage: 'English',
  skip: 'İçeriğe geç',
  watchTitle: 'Ders kaydı',
  watchPersonal: 'Kişisel bağlantı: başkasına vermeyin.',
  watch_missing: 'Bağlantı eksik. Size gelen bağlantıyı baştan sona kopyalayıp yeniden açın.',
  watch_notValid:
    'Bu bağlantı artık geçerli değil: süresi dolmuş, iptal edilmiş ya da bir izin geri çekilmiş olabilir. Kaydı size gönderen öğretmene sorun.',
  watch_offline: 'Bağlantı koptu. İnternete ulaşılınca sayfa kendiliğinden yeniden dener.',
  watch_busy: 'Sunucu şu anda yanıt vermiyor; sayfa kendiliğinden yeniden dener.',
  watch_cannotPlay: 'Bu tarayıcı kaydı oynatamıyor. Başka bir tarayıcıyla deneyin.',
  watchNoCaptions: 'Bu kayıtta altyazı yok.',
  watchWentOn: 'Bu cihazda kaldığınız yerden, {time} konumundan sürüyor.',
  watchFromStart: 'Baştan başlat',
  watchKeys:
    'Klavye: K oynatır ve duraklatır, J ve L beş saniye geri ve ileri, M sesi, C altyazıyı, F tam ekranı açar ve kapatır.',
};
