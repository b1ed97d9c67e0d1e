import type { AttendanceMeaning } from '../domain/attendance/told.ts';
import { plain } from '../rosters/words.ts';
import type { AttendanceMapping } from './report.ts';
import { parseWhen } from './when.ts';

type Words = readonly (readonly [AttendanceMeaning, RegExp])[];

/** Of the words of a heading as `plain` gives them. The first that fits counts. */
const words: Words = [
  [
    'name',
    /^(?:name|names|full name|display name|participant(?: name)?|attendee(?: name)?|user name|student(?: name)?|name original name|ad|adi|isim|ad soyad|adi soyadi|ad soyadi|isim soyisim|katilimci(?: adi)?|gorunen ad|ogrenci|teilnehmer|vollstandiger name|anzeigename|nom|nom complet|nombre|nombre completo|nome|nome completo|navn|namn|nimi|naam|imie i nazwisko|jmeno|nev)$/,
  ],
  ['given', /^(?:(?:first|given) names?|forename|vorname|prenom|primeiro nome|imie|fornavn|fornamn|etunimi|voornaam)$/],
  [
    'family',
    /^(?:(?:last|family) name|surname|soy ?adi?|soyisim|nachname|nom de famille|apellidos?|sobrenome|cognome|nazwisko|etternavn|efternamn|sukunimi|achternaam)$/,
  ],
  ['original_name', /^(?:original name|orijinal ad|originalname|nom d origine)$/],
  [
    'email',
    /^(?:(?:user|attendee|participant)? ?(?:e ?mail|mail)(?: address)?|(?:kullanici )?e ?posta(?: adresi)?|e mail adresse|courriel|adresse e ?mail|correo(?: electronico)?|endereco de e mail|sahkoposti|e post)$/,
  ],
  ['role', /^(?:role|rol|rolu|rolle|moderator|sorumlu|papel|ruolo|funcao|roll|rooli)$/],
  [
    'in',
    /^(?:in|join|joined|join ?(?:time|date)|time joined|joined at|first join(?: time)?|entry(?: time)?|start(?: time)?|giris(?: saati| zamani)?|katil|katilma(?: zamani| saati)?|katilim zamani|ilk katil(?:ma|im)|beitreten|beitrittszeit|beitritt|erster beitritt|hora de (?:entrada|ingreso|inicio)|entrada|primera entrada|horario de entrada|primeiro ingresso|heure d (?:arrivee|entree)|premiere (?:participation|connexion)|ora di (?:ingresso|entrata)|kom inn|tilsluttet|liittyi)$/,
  ],
  [
    'out',
    /^(?:out|leave|left|leave ?(?:time|date)|time (?:exited|left)|left at|last leave(?: time)?|exit(?: time)?|end(?: time)?|cikis(?: saati| zamani)?|ayril|ayrilma(?: zamani| saati)?|son ayrilma|verlassen|austrittszeit|austritt|letztes verlassen|hora de (?:salida|saida|fin)|salida|saida|ultima salida|horario de saida|ultima saida|heure de (?:depart|sortie)|dernier depart|ora di uscita|poistui)$/,
  ],
  ['waiting', /^(?:in waiting room|bekleme odasinda|im warteraum|en salle d attente|en sala de espera)$/],
  ['consent', /^(?:recording consent|recording disclaimer response)$/],
];

export const meaningOf = (heading: string): AttendanceMeaning | null =>
  words.find(([, form]) => form.test(plain(heading)))?.[0] ?? null;

/** How many headings are words that are known here. */
export const knownHeadings = (cells: readonly string[]): number =>
  cells.filter((cell) => cell !== '' && meaningOf(cell) !== null).length;

/** What each heading suggests; where no word is known, what the values below look like. A meaning is suggested once. */
export function suggest(headings: readonly string[], rows: readonly (readonly string[])[]): AttendanceMapping {
  const found = headings
    .map((heading) => meaningOf(heading))
    .map((meaning, at, all): AttendanceMeaning | null => (all.indexOf(meaning) === at ? meaning : null));
  const isTaken = (meaning: AttendanceMeaning) => found.includes(meaning);
  const columns = headings.map((_, at) => rows.slice(0, 50).map((cells) => cells[at] ?? ''));
  const share = (at: number, form: (cell: string) => boolean) => {
    const filled = (columns[at] ?? []).filter((cell) => cell !== '');
    return filled.length === 0 ? 0 : filled.filter(form).length / filled.length;
  };
  const free = headings.map((_, at) => at).filter((at) => found[at] === null);
  const take = (at: number | undefined, meaning: AttendanceMeaning) => {
    if (at !== undefined && !isTaken(meaning)) found[at] = meaning;
  };
  take(
    free.find((at) => share(at, (cell) => /^[^\s@]+@[^\s@]+$/.test(cell)) > 0.5),
    'email',
  );
  const times = free.filter((at) => found[at] === null && share(at, isMoment) > 0.5);
  if (!isTaken('in') && !isTaken('out')) {
    take(times[0], 'in');
    take(times[1], 'out');
  }
  if (!isTaken('name') && !isTaken('given'))
    take(
      free.find((at) => found[at] === null && share(at, (cell) => /\p{L}{2}/u.test(cell) && !isMoment(cell)) > 0.5),
      'name',
    );
  // `Ad` beside `Soyad` is the given name alone.
  if (isTaken('name') && isTaken('family') && !isTaken('given')) found[found.indexOf('name')] = 'given';
  return Object.fromEntries(headings.map((heading, at) => [heading, found[at] ?? null]));
}

/** A clock time with or without a date; a duration of hours and minutes looks like one as well. */
const isMoment = (cell: string): boolean => parseWhen(cell) !== undefined;
