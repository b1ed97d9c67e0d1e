import { fill } from '../../../language/fill.ts';
import type { LogTexts } from '../../../language/log/log-texts.ts';
import { logWords } from '../../../language/log/log-words.ts';
import type { Text } from '../../../language/texts.ts';
import { currentLanguage } from '../../words/current.ts';

/** A sentence that only the pages of the log have, with its values put in. */
export const logText = (key: keyof LogTexts, values: Readonly<Record<string, string | number>> = {}): string =>
  fill(logWords[currentLanguage()][key] as Text<string>, values);
