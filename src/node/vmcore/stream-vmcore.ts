import { FlattenedWriter } from '../../formats/kdump/flattened-writer.js';
import { openVmcore } from '../../vmcore/open/open-vmcore.js';
import type { Saved, SaveProgress } from '../../vmcore/save/dump-target.js';
import { streamVmcore as saveToSink } from '../../vmcore/save/save-dump.js';
import { LimitedSink } from '../../vmcore/save/size-limit.js';
import { nodeCodecs } from '../codecs/node-codecs.js';
import { openFileSource } from '../files/file-source.js';
import { appendFully } from '../files/write-fully.js';
import { runSave } from './run-save.js';
import type { SaveFileOptions } from './save-vmcore-file.js';
import { withPacker } from './with-packer.js';

/** What is streamed, and how. */
export type StreamOptions = Omit<SaveFileOptions, 'overwrite' | 'hasChecksum' | 'isNew'>;

/** A dump that was streamed. */
export interface StreamedDump extends Omit<Saved, 'resumedAt'> {
  /** What is missing or damaged in the dump. */
  readonly problems: readonly string[];
}

/**
 * Saves a dump into a pipe, in the flattened form that `makedumpfile -R`, crash and {@link rearrangeDump} read. It
 * needs no more memory for a large dump than for a small one. What makes the stream a dump is written last, and the end
 * mark after it: a reader of an interrupted stream finds no dump.
 *
 * @param input - the path of the dump
 * @param output - the descriptor of a pipe, or of a file
 * @param onProgress - called from time to time
 * @returns what was saved; the size is that of the dump, not of the stream
 * @throws KexecError, as {@link openFileSource}, {@link openVmcore} and {@link saveToSink}; `file-access` if the output
 *   cannot be written: `EPIPE` if nothing reads the pipe any more.
 */
export async function streamVmcore(
  input: string,
  output: number,
  { vmcoreinfo, sizeLimit, threads, ...options }: StreamOptions,
  onProgress: (progress: SaveProgress) => void,
): Promise<StreamedDump> {
  const source = openFileSource(input);
  try {
    const vmcore = openVmcore(source, nodeCodecs, vmcoreinfo);
    const writer = new FlattenedWriter((bytes) => appendFully(output, bytes, 'the stream'));
    const sink = sizeLimit === undefined ? writer : new LimitedSink(writer, sizeLimit);
    const { compression } = options;
    const { resumedAt: _, ...saved } = await withPacker(vmcore, { compression, threads }, (packing) =>
      runSave(saveToSink(vmcore, source.size, { ...options, ...packing }, sink), onProgress),
    );
    writer.end();
    return { ...saved, problems: vmcore.problems };
  } finally {
    source.close();
  }
}
