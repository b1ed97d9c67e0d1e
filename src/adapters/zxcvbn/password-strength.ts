import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import type { PasswordStrength } from '../../pipeline/ports/credentials.ts';
import { turkishWords } from './turkish-words.ts';

/** Least zxcvbn score that is accepted. Score 3 begins at 10^8 guesses, which a slow hash turns into years. */
const leastScore = 3;

/**
 * Judges passwords as a guesser would: by zxcvbn, with its lists of breached passwords, English and Turkish words,
 * names and keyboard patterns, and with the words around the person. Nothing leaves the machine. The lists are loaded
 * at the first use, once for the process: that takes most of a second.
 */
export function createPasswordStrength(): PasswordStrength {
  return {
    async judge(password, context) {
      lists ??= load();
      const { zxcvbn, breached } = await lists;
      const words = context
        .flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)])
        .filter((word) => word.length > 2);
      if (isListed(breached, password)) return 'breached';
      if (isContextAlone(password, words)) return 'context';
      return zxcvbn.check(password, [...new Set(words)]).score < leastScore ? 'guessable' : null;
    },
  };
}

let lists: ReturnType<typeof load> | undefined;

async function load(): Promise<{ zxcvbn: ZxcvbnFactory; breached: ReadonlySet<string> }> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  const dictionary = { ...common.dictionary, ...english.dictionary, turkish: [...turkishWords] };
  const zxcvbn = new ZxcvbnFactory({ dictionary, graphs: common.adjacencyGraphs });
  const passwords: Iterable<unknown> = Object.values(common.dictionary).flat();
  return { zxcvbn, breached: new Set([...passwords].map(String)) };
}

/** Listed unchanged, or with figures and signs around it, or repeated twice or more. */
function isListed(breached: ReadonlySet<string>, password: string): boolean {
  const lower = password.toLowerCase();
  const bare = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return [lower, repeated(lower), bare, repeated(bare)].some((one) => one !== '' && breached.has(one));
}

function repeated(text: string): string {
  return /^(.+?)\1+$/su.exec(text)?.[1] ?? text;
}

/** Only words that surround the person anyway, with fewer than six other letters or figures. */
function isContextAlone(password: string, words: readonly string[]): boolean {
  let rest = fold(password);
  for (const word of words.map(fold).toSorted((a, b) => b.length - a.length))
    if (word.length > 2) rest = rest.replaceAll(word, '');
  return rest.length < fold(password).length && rest.replace(/[^\p{L}\p{N}]/gu, '').length < 6;
}

/** For comparing only: without case, dots and accents, so that ŞİFRE, şifre and sifre are one word. */
function fold(text: string): string {
  return text.toLowerCase().replaceAll('ı', 'i').normalize('NFKD').replace(/\p{M}/gu, '');
}
