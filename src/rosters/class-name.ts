import { tidy } from './words.ts';

const form =
  /^(?:\p{L}+ ?- ?)?(?<grade>\d{1,2}) ?\.? ?(?:[Ss][ıiIİ][Nn][ıiIİ][Ff][ıiIİ]? ?)?[-/–]? ?(?<section>\p{L}|\p{Lu}{2})(?: [ŞşSs][Uu][Bb][Ee][Ss][iİ])?(?: ?\([^)]*\))?$/u;
/** From here on the schools write a slash: 10/I. */
const firstGradeOfHighSchool = 9;

/**
 * A class by one name, whatever the file: `7. Sınıf / A Şubesi`, `7/a` and `7A` are `7-A`; `10. Sınıf / İ Şubesi` is
 * `10/İ`. Names of another form stay as they are.
 */
export function classNameOf(text: string): string {
  const name = tidy(text);
  const { grade, section } = form.exec(name)?.groups ?? {};
  if (grade === undefined || section === undefined) return name;
  const between = Number(grade) < firstGradeOfHighSchool ? '-' : '/';
  return `${Number(grade)}${between}${section.toLocaleUpperCase('tr')}`;
}
