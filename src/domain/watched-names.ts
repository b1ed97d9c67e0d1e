/** A name that, seen in a picture, often means that the picture is theirs. */
export interface WatchedName {
  readonly name: string;
  readonly kind: WatchedKind;
}

export const watchedKinds = ['agency', 'publisher', 'broadcaster', 'streaming', 'studio', 'label'] as const;
export type WatchedKind = (typeof watchedKinds)[number];

const of = (kind: WatchedKind, ...names: string[]): WatchedName[] => names.map((name) => ({ name, kind }));

/** What is looked for until an administrator changes the list. Names of two letters and common words are left out. */
export const defaultWatchedNames: readonly WatchedName[] = [
  ...of('agency', 'Getty Images', 'iStock', 'Shutterstock', 'Alamy', 'Adobe Stock', 'Depositphotos', 'Dreamstime'),
  ...of('agency', '123RF', 'Bigstock', 'Freepik', 'Vecteezy', 'Reuters', 'Associated Press', 'AFP', 'EPA Images'),
  ...of('agency', 'Anadolu Ajansı', 'İhlas Haber Ajansı', 'Demirören Haber Ajansı', 'Depo Photos'),
  ...of('publisher', 'Pearson', 'Oxford University Press', 'Cambridge University Press', 'Macmillan', 'McGraw Hill'),
  ...of(
    'publisher',
    'Hachette',
    'HarperCollins',
    'Penguin Random House',
    'Scholastic',
    'Springer',
    'Elsevier',
    'Wiley',
  ),
  ...of('publisher', 'Cengage', 'Express Publishing', 'MEB Yayınları', 'Can Yayınları', 'Yapı Kredi Yayınları'),
  ...of('publisher', 'İş Bankası Kültür Yayınları', 'Doğan Kitap', 'Tudem', 'Palme Yayınevi', 'Karekök Yayınları'),
  ...of('publisher', 'Final Yayınları', 'Limit Yayınları', 'Esen Yayınları', 'Birey Yayınları', 'TÜBİTAK Yayınları'),
  ...of(
    'broadcaster',
    'TRT',
    'NTV',
    'CNN Türk',
    'Kanal D',
    'Show TV',
    'Star TV',
    'Habertürk',
    'BBC',
    'ITV',
    'Channel 4',
  ),
  ...of(
    'broadcaster',
    'HBO',
    'CNN',
    'Sky News',
    'Al Jazeera',
    'ARTE',
    'ZDF',
    'National Geographic',
    'Discovery Channel',
  ),
  ...of(
    'streaming',
    'Netflix',
    'Disney+',
    'Prime Video',
    'Apple TV+',
    'Paramount+',
    'BluTV',
    'Exxen',
    'puhutv',
    'YouTube',
  ),
  ...of('streaming', 'Vimeo', 'Dailymotion', 'Twitch', 'TikTok', 'Spotify', 'MUBI', 'Udemy', 'Khan Academy'),
  ...of('studio', 'Warner Bros', 'Universal Pictures', 'Paramount Pictures', 'Columbia Pictures', 'Sony Pictures'),
  ...of(
    'studio',
    '20th Century Studios',
    '20th Century Fox',
    'Walt Disney Pictures',
    'Pixar',
    'DreamWorks',
    'Lucasfilm',
  ),
  ...of('studio', 'Marvel Studios', 'Lionsgate', 'Metro-Goldwyn-Mayer', 'Studio Ghibli', 'BKM Film'),
  ...of(
    'label',
    'Universal Music',
    'Sony Music',
    'Warner Music',
    'EMI Records',
    'Kalan Müzik',
    'Poll Production',
    'VEVO',
  ),
];
