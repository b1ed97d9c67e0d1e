/** What is drawn on frames to measure the reading of notices, and what on frames where nothing may be found. */

export interface NoticeText {
  readonly text: string;
  readonly kind: 'rights_notice' | 'watched_name';
}

/** drawtext's options. The last two are how stock photographs and broadcasts mark pictures. */
export const styles = {
  'light on dark': 'fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=6',
  'dark on light': 'fontcolor=black:box=1:boxcolor=white@0.8:boxborderw=6',
  'see-through': 'fontcolor=white@0.5:shadowcolor=black@0.3:shadowx=1:shadowy=1',
  outlined: 'fontcolor=white:borderw=2:bordercolor=black',
} as const;
export type Style = keyof typeof styles;
export const onPlates: readonly Style[] = ['light on dark', 'dark on light'];

/** Where Debian packages are installed, or unpacked: `EMANET_EVAL_ROOT`. */
export const debianRoot = process.env.EMANET_EVAL_ROOT ?? '/';
const truetype = `${debianRoot}/usr/share/fonts/truetype`;
const opentype = `${debianRoot}/usr/share/fonts/opentype`;
/** Of the Debian packages `fonts-dejavu-core`, `fonts-dejavu-extra` and `fonts-liberation`. */
const fonts = [
  `${truetype}/dejavu/DejaVuSans.ttf`,
  `${truetype}/liberation/LiberationSans-Regular.ttf`,
  `${truetype}/dejavu/DejaVuSerif-Bold.ttf`,
  `${truetype}/liberation/LiberationSerif-Regular.ttf`,
  `${truetype}/dejavu/DejaVuSansCondensed-Bold.ttf`,
  `${truetype}/liberation/LiberationSans-Italic.ttf`,
];

export const spots = [
  'x=20:y=h-th-20',
  'x=w-tw-20:y=h-th-20',
  'x=(w-tw)/2:y=(h-th)/2',
  'x=w-tw-20:y=20',
  'x=(w-tw)/2:y=h-th-60',
];

const rights = (text: string): NoticeText => ({ text, kind: 'rights_notice' });
const named = (text: string): NoticeText => ({ text, kind: 'watched_name' });

const notices: readonly NoticeText[] = [
  rights('© 2021 Örnek Yayınevi'),
  named('shutterstock'),
  rights('Tüm hakları saklıdır.'),
  rights('All rights reserved.'),
  named('Anadolu Ajansı'),
  rights('Copyright 2020 Example Pictures Ltd.'),
  rights('Bu eserin her hakkı saklıdır'),
  named('Getty Images'),
  rights('© 2019 Örnek Yayınevi. Tüm hakları saklıdır.'),
  named('TRT Belgesel'),
  rights('Telif hakkı sahibinin izni olmadan çoğaltılamaz'),
  named('NETFLIX'),
  rights('(c) 2018 Example Press'),
  named('Palme Yayınevi'),
  rights('TÜM HAKLARI SAKLIDIR © 2022'),
  named('National Geographic'),
  rights('CC BY-SA 4.0'),
  named('iStock'),
  rights('İzinsiz kopyalanamaz ve çoğaltılamaz'),
  named('Foto: AFP / Getty Images'),
  rights('May not be reproduced without permission'),
  named('Pearson Education'),
  rights('Photo © Jane Roe'),
];

/** Ordinary writing of lessons, some of it near what is looked for. */
export const lectureTexts = [
  'Fotosentez, ışık enerjisinin kimyasal enerjiye dönüşmesidir',
  'Copy the table into your notebooks, right side first',
  'Sağ taraftaki üçgenin alanı (c) şıkkında verilmiştir',
  'The right angle is at C; all sides are reserved for later',
  'Hakkı ve Tülay 2021 yılında 20 kitap okudu',
  'Homework: page 42, exercises (a), (b) and (c) 12',
  'Getting started: images and tables',
  'Bugünkü konumuz: Telgrafın icadı ve haberleşme',
  'TRUE or FALSE? The net force is zero',
  'Ödev: Ajans nedir? Araştırıp yazınız',
  'O 2 molekülü ve CO 2 molekülü, 2023 yılı verileri',
  'I stock the shelves, you read the story',
];

/** Frame of a recording or film to write on; a file that begins with `/usr` is of a Debian package. `isPicture`: no screen full of text, where a see-through mark would be lost. */
export interface Base {
  readonly file: string;
  readonly atSeconds: number | null;
  readonly isPicture: boolean;
}

const bases: readonly Base[] = [
  { file: 'lectures/zoom_ruby_gem_walkthrough_mit.mp4', atSeconds: 10, isPicture: false },
  { file: 'images/messi5.jpg', atSeconds: null, isPicture: true },
  { file: 'lectures/camtasia_oneminute_tscc.avi', atSeconds: 12, isPicture: false },
  { file: 'lectures/empty_lecture_room_20s.ogv', atSeconds: 8, isPicture: true },
  { file: 'lectures/zoom_ruby_gem_walkthrough_mit.mp4', atSeconds: 75, isPicture: false },
  { file: 'refs/big_buck_bunny_trailer.mp4', atSeconds: 12, isPicture: true },
  { file: 'refs/chaplin_10s.mp4', atSeconds: 5, isPicture: true },
  { file: 'lectures/camtasia_oneminute_tscc.avi', atSeconds: 45, isPicture: false },
  { file: 'images/LinuxLogo.jpg', atSeconds: null, isPicture: true },
  { file: 'lectures/gnome_screencast_message_board.ogv', atSeconds: 12, isPicture: false },
  { file: 'refs/renpy_oa4_launch.webm', atSeconds: 8, isPicture: true },
  { file: 'refs/big_buck_bunny_trailer.mp4', atSeconds: 24, isPicture: true },
];

/** What a set of frames is made of. `first`: with which of the fonts, places and texts it begins. */
export interface NoticeSet {
  readonly bases: readonly Base[];
  readonly notices: readonly NoticeText[];
  readonly fonts: readonly string[];
  readonly first: number;
}

/** What the reader was made with. */
const tuned: NoticeSet = { bases, notices, fonts, first: 0 };

/** Other pictures, words and fonts, on which no threshold of the reader was set. */
const keptAside: NoticeSet = {
  bases: [
    { file: 'refs/big_buck_bunny_trailer.mp4', atSeconds: 6, isPicture: true },
    { file: 'refs/big_buck_bunny_trailer.mp4', atSeconds: 17, isPicture: true },
    { file: 'refs/big_buck_bunny_trailer.mp4', atSeconds: 33, isPicture: true },
    { file: 'refs/chaplin_10s.mp4', atSeconds: 8.5, isPicture: true },
    { file: 'refs/renpy_oa4_launch.webm', atSeconds: 3, isPicture: true },
    { file: 'odd/exo_h265_with_metadata_track.mp4', atSeconds: 0, isPicture: true },
    { file: 'lectures/gnome_screencast_message_board.ogv', atSeconds: 20, isPicture: false },
  ],
  notices: [
    named('Reuters'),
    rights('© 2023 Deneme Film A.Ş.'),
    named('Depositphotos'),
    rights('Her hakkı mahfuzdur'),
    named('İhlas Haber Ajansı'),
    rights('No part of this film may be shown'),
    named('Al Jazeera'),
    rights('Foto © Ayşe Yılmaz'),
    named('Universal Pictures'),
    rights('İzinsiz kullanılamaz'),
    named('Oxford University Press'),
    rights('Copyright Deneme Yapım 2017'),
    named('Khan Academy'),
    rights('TELİF HAKKI SAKLIDIR'),
  ],
  fonts: [
    `${truetype}/dejavu/DejaVuSans-Bold.ttf`,
    `${truetype}/liberation/LiberationSansNarrow-Regular.ttf`,
    `${truetype}/liberation/LiberationSerif-Italic.ttf`,
    `${truetype}/dejavu/DejaVuSerif.ttf`,
    `${truetype}/liberation/LiberationSans-Bold.ttf`,
  ],
  first: 3,
};

const photo = (file: string): Base => ({ file: `/usr/share/${file}`, atSeconds: null, isPicture: true });
const plasma = (name: string): Base => photo(`wallpapers/${name}/contents/images/2560x1600.jpg`);

/**
 * Photographs of the Debian packages `plasma-workspace-wallpapers` and `mate-backgrounds`, and fonts of
 * `fonts-open-sans`, `fonts-roboto-unhinted`, `fonts-cantarell`, `fonts-linuxlibertine` and `fonts-crosextra-caladea`.
 * The reader, the patterns and their thresholds were set without a look at them.
 */
const fresh: NoticeSet = {
  bases: [
    ...['Autumn', 'FallenLeaf', 'ColorfulCups', 'OneStandsOut', 'BytheWater', 'EveningGlow'].map(plasma),
    ...['GreenMeadow', 'LadyBird', 'FreshFlower', 'Blinds'].map((name) => photo(`backgrounds/mate/nature/${name}.jpg`)),
  ],
  notices: [
    rights('Foto: Selin Kaya / Ege Haber Ajansı'),
    rights('Photo: Martin Hale / Northlight Agency'),
    named('Alamy'),
    rights('© 2016 Mavi Defter Yayıncılık'),
    rights('Görsel: Marmara Görsel Ajansı'),
    rights('Kaynak: Devlet Arşivleri Başkanlığı'),
    named('Dreamstime'),
    rights('Image courtesy of Harbor Museum'),
    rights('Bu kitabın tüm hakları saklıdır'),
    rights('Source: Bluefield Picture Library'),
    rights('Fotoğraf: Emre Aydın'),
    named('Adobe Stock'),
    rights('Unauthorised copying without permission is forbidden'),
    rights('© 2024 Lantern House Publishing'),
    rights('Picture credit: Olga Brandt'),
    rights('Yazılı izin alınmadan çoğaltılamaz'),
    named('Getty Images'),
    rights('Çizim: Zeynep Ural'),
    rights('Photograph by Daniel Ortega'),
    named('Cambridge University Press'),
  ],
  fonts: [
    `${truetype}/open-sans/OpenSans-Regular.ttf`,
    `${truetype}/roboto/unhinted/RobotoCondensed-Regular.ttf`,
    `${opentype}/cantarell/Cantarell-Regular.otf`,
    `${opentype}/linux-libertine/LinLibertine_R.otf`,
    `${truetype}/crosextra/Caladea-Bold.ttf`,
    `${truetype}/open-sans/OpenSans-Semibold.ttf`,
    `${truetype}/roboto/unhinted/RobotoTTF/Roboto-Medium.ttf`,
  ],
  first: 5,
};

export const noticeSets = { tuned, 'kept aside': keptAside, fresh } as const;

/** Lectures that are read as they are. */
export const clips = [
  { file: 'lectures/zoom_ruby_gem_walkthrough_mit.mp4', everySeconds: 4 },
  { file: 'lectures/camtasia_oneminute_tscc.avi', everySeconds: 4 },
  { file: 'lectures/gnome_screencast_message_board.ogv', everySeconds: 4 },
  { file: 'lectures/empty_lecture_room_20s.ogv', everySeconds: 5 },
];
