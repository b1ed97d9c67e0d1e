import type { AttendanceAnswers, AttendanceContext, AttendanceReading } from '../../attendance/report.ts';
import type { Box, GreyPicture } from '../../detection/picture-hash.ts';
import type { PictureKind, ReadLine } from '../../detection/text/read-line.ts';
import type { GridRow } from '../../rosters/grid.ts';
import type { ColumnMapping, RosterReading } from '../../rosters/roster.ts';
import type { MediaSource } from './media.ts';

/** Reads Turkish and English off pictures, in a process of its own. Pictures are read one after the other. */
export interface TextReading {
  /**
   * `kind`: a page if it is not said.
   * @throws Error when the picture could not be read: the process died, or it took too long. Such a picture counts as not
   * analysed; the next one gets a fresh process.
   */
  read(picture: GreyPicture, kind?: PictureKind): Promise<readonly ReadLine[]>;
  close(): Promise<void>;
}

export interface TextReader {
  /** @throws Error when the reader cannot be started. */
  open(options: { signal: AbortSignal }): Promise<TextReading>;
}

/** Says that there are faces, and where, so that none is left uncovered unseen. It cannot tell one from another. */
export interface FaceFinder {
  open(): FaceFinding;
}

export interface FaceFinding {
  /**
   * Faces that look at the camera and are at least 24 pixels wide. Some are missed, and some are none.
   * @throws Error when the finder ended.
   */
  find(picture: GreyPicture): Promise<readonly Box[]>;
  close(): Promise<void>;
}

/** Looks at the pages of documents. */
export interface PageReader {
  /**
   * Draws every page of a PDF, in their order, 320 × 180 in grey whatever its shape, in a confined process.
   * @throws Refusal `NOT_MEDIA` (damaged, or protected by a password), `MEDIA_NOT_ALLOWED` (too many pages, too slow),
   * `TOO_LARGE`; pages may have been handed out before.
   */
  read(
    source: MediaSource,
    onPage: (page: GreyPicture, index: number) => void,
    options?: { signal?: AbortSignal },
  ): Promise<void>;
}

/** Looks into archives, which are attacker-controlled: nothing is unpacked but what is read, and nothing is written. */
export interface ArchiveReader {
  /** @throws Refusal `NOT_MEDIA` (no ZIP archive, or damaged), `TOO_LARGE` (more than 10,000 entries). */
  open(source: MediaSource, options?: { signal?: AbortSignal }): Promise<Archive>;
}

export interface Archive {
  /** Files, in the order of the archive's directory; names may come twice. */
  readonly entries: readonly ArchiveEntry[];
  /**
   * One file, unpacked: exactly `entry.bytes`, and of the right checksum.
   * @throws Refusal `NOT_MEDIA` (encrypted, damaged, packed by an unknown method), `MEDIA_NOT_ALLOWED` (expands too far).
   */
  read(entry: ArchiveEntry): AsyncIterable<Uint8Array>;
}

export interface ArchiveEntry {
  /** As the archive says, perhaps absolute or with `..` in it: for showing, never a path. */
  readonly name: string;
  /** Unpacked, as the archive says. */
  readonly bytes: number;
}

/** Reads tables of text: CSV with commas, semicolons or tabs (RFC 4180), with or without a byte order mark. */
export interface TableReader {
  /** Every row that is not empty, the first one too. @throws Refusal `INVALID_REQUEST` with the line that is wrong. */
  read(text: string): TableRow[];
}

export interface TableRow {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** Without blanks around them; rows may differ in length. */
  readonly cells: readonly string[];
}

/** Reads workbooks of Excel, which are attacker-controlled, in a confined process. */
export interface SpreadsheetReader {
  /**
   * Every cell of an .xls (Excel 5 and later) or .xlsx as text: days as YYYY-MM-DD, with HH:MM or HH:MM:SS behind where
   * hours are displayed, numbers with leading zeros as they are displayed, other numbers without exponent. Formulas are not evaluated: their stored result is read.
   * @throws Refusal `ROSTER_UNREADABLE` (damaged, protected by a password, with a document type, too slow), `TOO_LARGE`,
   * and what `ArchiveReader` throws.
   */
  read(bytes: Uint8Array, options?: { signal?: AbortSignal }): Promise<{ readonly sheets: readonly Sheet[] }>;
}

export interface Sheet {
  readonly name: string;
  /** Rows that have a cell, from top to bottom. */
  readonly rows: readonly GridRow[];
}

/** Reads the text of documents, in the process that draws their pages. */
export interface PdfTextReader {
  /**
   * The lines of every page from top to bottom. A PDF of pictures has none.
   * @throws Refusal as `PageReader.read`, with fewer pages allowed.
   */
  read(source: MediaSource, options?: { signal?: AbortSignal }): Promise<{ readonly pages: readonly PdfTextPage[] }>;
}

export interface PdfTextPage {
  readonly lines: readonly PdfTextLine[];
}

export interface PdfTextLine {
  /** From left to right; words that stand apart, as in columns, are apart here. */
  readonly words: readonly PdfWords[];
}

export interface PdfWords {
  /** Left edge, in points (1/72 inch) from the left edge of the page. */
  readonly x: number;
  readonly text: string;
}

/** Reads who is at the school from files of any kind that is known. */
export interface RosterReader {
  /**
   * One file, or the files of one folder. A plain table without a mapping answers what its headings suggest.
   * @throws Refusal `ROSTER_UNREADABLE` with every reason, `TOO_LARGE`.
   */
  read(
    files: readonly RosterFile[],
    mapping?: ColumnMapping,
    options?: { signal?: AbortSignal },
  ): Promise<RosterReading>;
}

export interface RosterFile {
  /** As its owner calls it: shown, and never a path. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Draws the pages of scans, which are attacker-controlled, in a confined process. */
export interface ScanReader {
  /**
   * Every page of a PDF in grey, in its own shape as its rotation says, the longer side on 2,400 pixels (205 dots
   * per inch on A4). A page waits for the promise of the one before.
   * @throws Refusal as `PageReader.read`, with fewer pages allowed; pages may have been handed out before.
   */
  pages(
    source: MediaSource,
    onPage: (page: GreyPicture, index: number) => Promise<void>,
    options?: { signal?: AbortSignal },
  ): Promise<void>;
}

/** Decodes pictures of cameras and scanners, which are attacker-controlled, in a confined process. */
export interface PictureReader {
  /**
   * A JPEG or PNG in grey, in its own shape, its longer side on at most 3,200 pixels, upright where its EXIF says how
   * the camera was held and the decoder heeds it.
   * @throws Refusal `NOT_MEDIA` (neither of the two, or damaged), `MEDIA_NOT_ALLOWED` (too many pixels, too slow).
   */
  picture(source: MediaSource, options?: { signal?: AbortSignal }): Promise<GreyPicture>;
}

/** Finds QR codes in pictures, each picture in a confined process of its own. */
export interface CodeReader {
  /**
   * Every code that can be read, whichever way it is turned; at most 16. `isEnlarged`: looked for at twice the size, which
   * finds codes that are small or blurred and takes four times as long.
   * @throws Refusal `MEDIA_NOT_ALLOWED` when the process died of the picture, or took too long.
   */
  read(
    picture: GreyPicture,
    options?: { readonly isEnlarged?: boolean; signal?: AbortSignal },
  ): Promise<readonly FoundCode[]>;
}

export interface FoundCode {
  readonly text: string;
  /** Its corners in pixels of the picture: upper left of the code itself, then clockwise as it is printed. */
  readonly corners: readonly { readonly x: number; readonly y: number }[];
}

/** Reads attendance reports of any known kind, workbooks too. */
export interface AttendanceReader {
  /** @throws Refusal `ATTENDANCE_UNREADABLE` with every reason, `TOO_LARGE`. */
  read(
    file: RosterFile,
    context: AttendanceContext,
    answers?: AttendanceAnswers,
    options?: { signal?: AbortSignal },
  ): Promise<AttendanceReading>;
}
