/**
 * Words that Turkish passwords are made of, most usual first, as keyboards with and without Turkish letters write them.
 */
export const turkishWords: readonly string[] = `sifre parola okul ogretmen ogrenci mudur sinif ders kayit emanet veli
  galatasaray fenerbahce besiktas trabzonspor bursaspor cimbom kanarya kartal turkiye istanbul ankara izmir antalya bursa
  ataturk mustafa kemal cumhuriyet vatan bayrak askim sevgilim canim hayatim bebegim prenses melek gizli merhaba selam
  mehmet ahmet ali huseyin hasan ibrahim ismail osman murat omer yusuf emre burak fatih serkan hakan gokhan can cem deniz
  fatma ayse emine hatice zeynep elif meryem sultan merve esra busra kubra ozlem derya selin ece irem gul
  ocak subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik pazartesi sali carsamba persembe cuma cumartesi
  pazar ilkbahar yaz sonbahar kis mavi kirmizi yesil siyah beyaz sari kedi kopek aslan kaplan kelebek cicek gunes yildiz
  matematik turkce fizik kimya biyoloji tarih cografya ingilizce beden muzik resim ilkokul ortaokul lise universite
  yonetici denetci inceleyen ogretmenler kullanici bilgisayar internet telefon klavye`
  .split(/\s+/)
  .filter((word) => word.length > 1);
