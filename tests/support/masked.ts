/** What differs from run to run in the words of a page, and what stands for it. */
const changing: readonly (readonly [RegExp, string])[] = [
  [/\p{L}{3,9} \d{1,2}, 20\d\d(, \d{1,2}:\d\d(:\d\d)?[\s\u202f][AP]M)?/gu, '‹time›'],
  [/\d{1,2} \p{L}{3,9} 20\d\d( \d\d:\d\d(:\d\d)?)?/gu, '‹time›'],
  [/20\d\d-\d\d-\d\d(T[\d:.]+Z?)?/g, '‹time›'],
  [/\b\d{1,2}:\d\d(:\d\d)?[\s\u202f][AP]M\b/g, '‹time›'],
  [
    /(\d+|\ban?) (second|minute|hour|day|week|month)s? ago|\bin (\d+|an?) (second|minute|hour|day|week|month)s?\b/g,
    '‹ago›',
  ],
  [/\b(yesterday|tomorrow|this minute)\b|\b(dün|yarın|bu dakika)\b/g, '‹ago›'],
  [/\d+ (saniye|dakika|saat|gün|hafta|ay) (önce|sonra)/g, '‹ago›'],
  [/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, '‹id›'],
  [/\b[A-Z0-9]{4}(-[A-Z0-9]{4}){2,4}-?[A-Z0-9]*/g, '‹code›'],
  [/\b[\da-f]{16,}\b/g, '‹digest›'],
  [/\b(?<=Entry )\d+\b|\b\d+(?=\. kayıt\b| kayıtlık| entries that is signed)/g, '‹n›'],
  [/http:\/\/127\.0\.0\.1:\d+|http:\/\/localhost:\d+/g, '‹server›'],
];

/** The same words on every day and machine. */
export const masked = (words: string): string =>
  changing.reduce((left, [pattern, stands]) => left.replace(pattern, stands), words);

/** Runs in a page: gives each of its words that `changing` names the same look. */
export const maskInPage = `(() => {
  const changing = [${changing.map(([pattern, stands]) => `[${pattern}, ${JSON.stringify(stands)}]`).join(', ')}];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data } = walker.currentNode;
    const next = changing.reduce((left, [pattern, stands]) => left.replace(pattern, stands), data);
    if (next !== data) walker.currentNode.data = next;
  }
})()`;
