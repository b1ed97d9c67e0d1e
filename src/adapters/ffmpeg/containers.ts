/**
 * The containers that a recording may come in, and no others: each is opened with its own demuxer, by name. A demuxer
 * that opens further addresses or files (hls, concat, dash, sdp, image2, …) is not on the list.
 */
export const containers = {
  mp4: {
    demuxer: 'mov',
    video: 'video/mp4',
    audio: 'audio/mp4',
    names: ['mp4', 'm4v', 'm4a', 'm4b', 'mov', 'qt', '3gp', '3g2'],
  },
  quicktime: {
    demuxer: 'mov',
    video: 'video/quicktime',
    audio: 'audio/mp4',
    names: ['mov', 'qt', 'mp4', 'm4v', 'm4a'],
  },
  webm: { demuxer: 'matroska', video: 'video/webm', audio: 'audio/webm', names: ['webm', 'weba', 'mkv', 'mka'] },
  matroska: {
    demuxer: 'matroska',
    video: 'video/x-matroska',
    audio: 'audio/x-matroska',
    names: ['mkv', 'mka', 'mk3d'],
  },
  ogg: { demuxer: 'ogg', video: 'video/ogg', audio: 'audio/ogg', names: ['ogg', 'ogv', 'oga', 'opus', 'spx'] },
  avi: { demuxer: 'avi', video: 'video/x-msvideo', audio: 'audio/x-msvideo', names: ['avi'] },
  mpegts: { demuxer: 'mpegts', video: 'video/mp2t', audio: 'video/mp2t', names: ['ts', 'mts', 'm2ts', 'm2t'] },
  mpegps: { demuxer: 'mpeg', video: 'video/mpeg', audio: 'video/mpeg', names: ['mpg', 'mpeg', 'vob', 'm2p'] },
  mp3: { demuxer: 'mp3', video: 'audio/mpeg', audio: 'audio/mpeg', names: ['mp3', 'mpga', 'mp2'] },
  wav: { demuxer: 'wav', video: 'audio/wav', audio: 'audio/wav', names: ['wav', 'wave'] },
  flac: { demuxer: 'flac', video: 'audio/flac', audio: 'audio/flac', names: ['flac'] },
  aac: { demuxer: 'aac', video: 'audio/aac', audio: 'audio/aac', names: ['aac'] },
  asf: { demuxer: 'asf', video: 'video/x-ms-wmv', audio: 'audio/x-ms-wma', names: ['wmv', 'wma', 'asf'] },
  flv: { demuxer: 'flv', video: 'video/x-flv', audio: 'video/x-flv', names: ['flv'] },
  amr: { demuxer: 'amr', video: 'audio/amr', audio: 'audio/amr', names: ['amr'] },
  caf: { demuxer: 'caf', video: 'audio/x-caf', audio: 'audio/x-caf', names: ['caf'] },
  aiff: { demuxer: 'aiff', video: 'audio/aiff', audio: 'audio/aiff', names: ['aif', 'aiff', 'aifc'] },
} as const satisfies Record<string, ContainerFacts>;

interface ContainerFacts {
  readonly demuxer: string;
  /** Media type when there is moving video, and when there is only sound. */
  readonly video: string;
  readonly audio: string;
  /** File name endings that fit the content. */
  readonly names: readonly string[];
}

export type ContainerName = keyof typeof containers;

export const isContainerName = (name: string): name is ContainerName => Object.hasOwn(containers, name);

/** Other media types that mean the same content as the one we report. */
const sameType: Readonly<Record<string, readonly ContainerName[]>> = {
  'video/mp4': ['mp4', 'quicktime'],
  'audio/mp4': ['mp4', 'quicktime'],
  'audio/x-m4a': ['mp4', 'quicktime'],
  'audio/m4a': ['mp4', 'quicktime'],
  'video/x-m4v': ['mp4'],
  'application/mp4': ['mp4', 'quicktime'],
  'video/quicktime': ['quicktime', 'mp4'],
  'video/3gpp': ['mp4'],
  'audio/3gpp': ['mp4'],
  'video/webm': ['webm'],
  'audio/webm': ['webm'],
  'video/x-matroska': ['matroska', 'webm'],
  'video/matroska': ['matroska', 'webm'],
  'audio/x-matroska': ['matroska', 'webm'],
  'application/x-matroska': ['matroska', 'webm'],
  'video/ogg': ['ogg'],
  'audio/ogg': ['ogg'],
  'audio/opus': ['ogg'],
  'application/ogg': ['ogg'],
  'video/x-msvideo': ['avi'],
  'video/avi': ['avi'],
  'video/mp2t': ['mpegts'],
  'video/mpeg': ['mpegps', 'mpegts'],
  'audio/mpeg': ['mp3'],
  'audio/mp3': ['mp3'],
  'audio/wav': ['wav'],
  'audio/x-wav': ['wav'],
  'audio/wave': ['wav'],
  'audio/vnd.wave': ['wav'],
  'audio/flac': ['flac'],
  'audio/x-flac': ['flac'],
  'audio/aac': ['aac'],
  'audio/x-aac': ['aac'],
  'video/x-ms-wmv': ['asf'],
  'video/x-ms-asf': ['asf'],
  'audio/x-ms-wma': ['asf'],
  'application/vnd.ms-asf': ['asf'],
  'video/x-flv': ['flv'],
  'audio/amr': ['amr'],
  'audio/x-caf': ['caf'],
  'audio/aiff': ['aiff'],
  'audio/x-aiff': ['aiff'],
};

const saysNothing = new Set(['', 'application/octet-stream', 'binary/octet-stream']);

/** `video/webm;codecs=vp9` → `video/webm`. */
const bareType = (mediaType: string): string => (mediaType.split(';')[0] ?? '').trim().toLowerCase();

/** Whether a part may declare this type at all: sound, video, a container's application type, or no particular type. */
export function isDeclarable(mediaType: string): boolean {
  const type = bareType(mediaType);
  return saysNothing.has(type) || type in sameType || /^(audio|video)\/[a-z0-9.+-]+$/.test(type);
}

/** Whether a declared type agrees with the content. A type that names nothing in particular agrees with everything. */
export function typeFits(mediaType: string, container: ContainerName): boolean {
  const type = bareType(mediaType);
  return saysNothing.has(type) || (sameType[type]?.includes(container) ?? false);
}

/** Whether a file name's ending agrees with the content. A name without an ending agrees with everything. */
export function nameFits(fileName: string, container: ContainerName): boolean {
  const ending = /\.([A-Za-z0-9]{1,8})$/.exec(fileName)?.[1]?.toLowerCase();
  return ending === undefined || (containers[container].names as readonly string[]).includes(ending);
}
