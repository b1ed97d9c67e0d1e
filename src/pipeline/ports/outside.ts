import type { NoteSigner } from '../../audit/signed-note.ts';
import type { Credentials } from './credentials.ts';
import type { Database } from './database.ts';
import type { Drill } from './drill.ts';
import type { Keyring } from './keyring.ts';
import type { MalwareScanner } from './malware-scanner.ts';
import type { MediaTools } from './media.ts';
import type { ObjectStore } from './object-store.ts';
import type { Papers } from './papers.ts';
import type { PictureWriter } from './picture-writer.ts';
import type { RateLimits } from './rate-limits.ts';
import type {
  ArchiveReader,
  AttendanceReader,
  CodeReader,
  FaceFinder,
  PageReader,
  PictureReader,
  RosterReader,
  ScanReader,
  TableReader,
  TextReader,
} from './readers.ts';
import type { SchoolKeys } from './school-keys.ts';
import type { Schools } from './schools.ts';
import type { Settings } from './settings.ts';
import type { SignOn } from './sign-on.ts';
import type { Tally } from './tally.ts';
import type { Viewings, WatchChecks, WatchedSources } from './viewing.ts';
import type { Witness } from './witness.ts';
import type { Wording } from './wording.ts';
import type { WorkLookUp } from './work-look-up.ts';

/** Everything a use case may need from outside; each takes only the parts that it names. */
export interface Outside {
  readonly database: Database;
  readonly schools: Schools<Outside>;
  readonly schoolKeys: SchoolKeys;
  readonly objects: ObjectStore;
  readonly media: MediaTools;
  readonly textReader: TextReader;
  readonly faceFinder: FaceFinder;
  readonly credentials: Credentials;
  /** Single sign-on; null when no provider is configured. */
  readonly signOn: SignOn | null;
  readonly limits: RateLimits;
  readonly keyring: Keyring;
  /** Signs checkpoints of the log. Its name is the log's origin. */
  readonly logSigner: NoteSigner;
  /** What is being watched through this process. */
  readonly watched: WatchedSources;
  readonly viewings: Viewings;
  readonly watchChecks: WatchChecks;
  readonly tally: Tally;
  readonly papers: Papers;
  readonly pages: PageReader;
  readonly scans: ScanReader;
  readonly pictures: PictureReader;
  readonly codes: CodeReader;
  readonly pictureWriter: PictureWriter;
  readonly archives: ArchiveReader;
  readonly tables: TableReader;
  readonly rosters: RosterReader;
  readonly attendance: AttendanceReader;
  /** A list of music elsewhere that is asked when a reviewer says so; null when none is configured. */
  readonly lookUp: WorkLookUp | null;
  /** Looks for malware in documents that people hand in; null when none is configured. */
  readonly scanner: MalwareScanner | null;
  /** A witness elsewhere that signs checkpoints of the log too; null when none is configured. */
  readonly witness: Witness | null;
  /** Restores the newest backup into a scratch place; null when none is due by the clock. */
  readonly drill: Drill | null;
  readonly wording: Wording;
  readonly clock: () => Date;
  readonly settings: Settings;
}
