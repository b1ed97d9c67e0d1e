/** Where one version of captions comes from: a file, a track inside the recording, or a person who corrected it. */
export const captionsSources = ['file', 'track', 'correction'] as const;
export type CaptionsSource = (typeof captionsSources)[number];
