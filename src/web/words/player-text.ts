import type { Language } from '../../domain/language.ts';
import type { player } from '../../language/player/en.ts';
import type { PlayerTexts } from '../../language/player/player-texts.ts';
import { type PageKey, speakWith, text } from './current.ts';

type PlayerKey = keyof typeof player & PageKey;

/**
 * A sentence of the player, which viewers see too: their page loads the words of the player alone, so that what it shows
 * may use no other.
 */
export const playerText: <K extends PlayerKey>(...asked: Parameters<typeof text<K>>) => string = text;

const load: Record<Language, () => Promise<{ readonly player: PlayerTexts }>> = {
  tr: () => import('../../language/player/tr.ts'),
  en: () => import('../../language/player/en.ts'),
};

/** Loads the words of the player in this language, and speaks in it. */
export async function speakToViewers(language: Language): Promise<void> {
  const { player } = await load[language]();
  speakWith(language, { pages: player, labels: {} });
}
