export interface TagToCheck {
  /** Index of the stream, null for the container. */
  readonly stream: number | null;
  readonly name: string;
  readonly value: string;
}

/** Tags of one stream or of the container that point to somebody's work. */
export interface TagNotice {
  readonly stream: number | null;
  readonly tags: readonly TagToCheck[];
  readonly title?: string;
  readonly rightsHolder?: string;
  readonly confidence: number;
}

/** Names of tags by meaning. The number is the confidence that such a tag gives by itself. */
const meanings = {
  notice: { confidence: 0.9, pattern: /^(copyright|cprt|©cpy|tcop|wcop|rights|license|licence|terms_of_use|icop)$/i },
  code: {
    confidence: 0.9,
    pattern: /^(isrc|tsrc|upc|barcode|ean.*|catalog.*|musicbrainz.*|acoustid.*|itunes.*id|gracenote.*)$/i,
  },
  holder: {
    confidence: 0.6,
    pattern: /^(publisher|label|tpub|organization|production_studio|distributed_by|network|studio)$/i,
  },
  album: {
    confidence: 0.6,
    pattern: /^(album|album_artist|albumartist|talb|©alb|show|episode_id|track|tracknumber)$/i,
  },
  artist: {
    confidence: 0.4,
    pattern: /^(artist|performer|composer|lyricist|conductor|author|director|tpe\d|tcom|©art)$/i,
  },
  maker: { confidence: 0.3, pattern: /^(encoded_by|tenc|purchase_.*|owner)$/i },
} as const;

/** Values that a muxer writes by itself. */
const empty = /^(|und|n\/a|unknown|0|lav[fc][\d.]*)$/i;

/** Phrases that claim rights, in Turkish and English, and the signs of both. */
export const rightsNotice =
  /©|℗|\(c\)\s*(19|20)\d\d|\bcopyright(ed)?\b|\ball rights reserved\b|tüm hakları (saklı|mahfuz)|her hakkı (saklı|mahfuz)|telif hakk/iu;

/**
 * Tags that name a work, its author or its owner, one notice per stream. A teacher's own name as artist is found too: a
 * person tells the two apart. A title alone proves nothing, since every meeting tool writes one.
 */
export function findTagNotices(tags: readonly TagToCheck[]): TagNotice[] {
  const streams = [...new Set(tags.map((tag) => tag.stream))];
  return streams.flatMap((stream) => {
    const own = tags.filter((tag) => tag.stream === stream);
    const telling = own.flatMap((tag) => {
      const confidence = confidenceOf(tag);
      return confidence === 0 ? [] : [{ tag, confidence }];
    });
    if (telling.length === 0) return [];
    const title = firstText(own, /^(title|©nam|tit2)$/i);
    const rightsHolder =
      firstText(own, meanings.notice.pattern) ?? firstText(own, meanings.holder.pattern) ?? firstText(own, /artist/i);
    return [
      {
        stream,
        tags: telling.map(({ tag }) => tag),
        ...(title === undefined ? {} : { title }),
        ...(rightsHolder === undefined ? {} : { rightsHolder }),
        confidence: Math.max(...telling.map((each) => each.confidence)),
      },
    ];
  });
}

function confidenceOf({ name, value }: TagToCheck): number {
  if (empty.test(value.trim())) return 0;
  // `com.apple.quicktime.copyright`, `copyright-tur`: the last dotted part, before a language, holds the meaning.
  const bare = (name.split('.').at(-1) ?? name).replace(/-[a-z]{3}$/i, '');
  const named = Object.values(meanings).find(({ pattern }) => pattern.test(bare))?.confidence ?? 0;
  return Math.max(named, rightsNotice.test(value.normalize('NFC')) ? meanings.notice.confidence : 0);
}

function firstText(tags: readonly TagToCheck[], pattern: RegExp): string | undefined {
  return tags.find((tag) => pattern.test(tag.name) && !empty.test(tag.value.trim()))?.value;
}
