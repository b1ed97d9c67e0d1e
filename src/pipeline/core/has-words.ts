import { foldForSearch } from '../../domain/person.ts';

/** Every word stands in the folded text, whatever the marks and the dots of i. What means something to LIKE is a letter here. */
export const hasWords = (words: string | undefined) =>
  foldForSearch(words ?? '')
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => ({ folded: { contains: word.replaceAll(/[\\%_]/g, '\\$&') } }));
