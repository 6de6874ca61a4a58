/** The contract of a segment: an immutable file of named, checksummed sections (layout: docs/format/segment.md). */

/** What a writer gives for one section. Names: 1 … 64 bytes of ASCII, unique in a segment. */
export interface SectionInput {
  readonly name: string;
  readonly data: Uint8Array;
  /** `zstd` compresses when that makes it smaller; `none` (default) keeps the bytes addressable by `readRange`. */
  readonly compression?: 'none' | 'zstd';
}

export interface SegmentInput {
  /** Four ASCII characters naming whose format the sections are, as `SPAN`; checked on open. */
  readonly kind: string;
  /** Version of the sections' format, 1 … 65535; the reader refuses newer ones. */
  readonly version: number;
  readonly sections: readonly SectionInput[];
}

export interface SectionInfo {
  readonly name: string;
  readonly compression: 'none' | 'zstd';
  /** Offset in the file, a multiple of 8, so that typed arrays may view an uncompressed section in place. */
  readonly offset: number;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly checksum: number;
}

/**
 * An open segment. Opening verifies magic, version, footer and table; `read` verifies the section's checksum.
 * Reads may run at the same time. Errors: STORAGE_CORRUPT, STORAGE_VERSION, STORAGE_NOT_FOUND, STORAGE_IO.
 */
export interface Segment {
  readonly name: string;
  readonly kind: string;
  readonly version: number;
  readonly sizeBytes: number;
  readonly sections: ReadonlyMap<string, SectionInfo>;
  /** The section's raw bytes, verified, on an 8-byte boundary. They belong to the caller. */
  read(section: string): Promise<Uint8Array>;
  /** The same in a SharedArrayBuffer, so that worker threads can look at it. */
  readShared(section: string): Promise<Uint8Array>;
  /** A part of an uncompressed section, not verified: for content that carries its own checksums (see blocks.ts). */
  readRange(section: string, offset: number, length: number): Promise<Uint8Array>;
  /** Verifies every section's checksum. */
  verify(): Promise<void>;
  close(): Promise<void>;
}
