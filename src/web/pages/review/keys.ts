/** What keys do in the review room, and which they are: the one table, which also draws the page of help. */
export const keyActions = {
  playPause: 'k',
  back: 'j',
  forward: 'l',
  slower: '[',
  faster: ']',
  frameBack: ',',
  frameForward: '.',
  setStart: 'i',
  setEnd: 'o',
  nextOpen: 'n',
  next: 's',
  previous: 'w',
  permit: '1',
  mute: '2',
  blackOut: '3',
  cut: '4',
  undo: 'z',
  redo: 'y',
  stays: 'p',
  help: '?',
} as const;
export type KeyAction = keyof typeof keyActions;
type Keys = Readonly<Record<KeyAction, string>>;

const rememberedAs = 'emanet-review-keys';

/** The keys of this device: as they were delivered, with what was changed here. */
export function keysHere(): Keys {
  const kept = localStorage.getItem(rememberedAs);
  return kept === null ? keyActions : { ...keyActions, ...(JSON.parse(kept) as Partial<Keys>) };
}

export function keepKeys(keys: Keys | null): void {
  if (keys === null) localStorage.removeItem(rememberedAs);
  else localStorage.setItem(rememberedAs, JSON.stringify(keys));
}

/** What a key does; undefined: nothing. Letters count alike with and without Shift. */
export const actionOf = (key: string, keys: Keys): KeyAction | undefined =>
  (Object.entries(keys) as [KeyAction, string][]).find(([, bound]) => bound.toLowerCase() === key.toLowerCase())?.[0];
