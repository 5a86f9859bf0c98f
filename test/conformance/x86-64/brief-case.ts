import type { BriefLoad } from './ask.js';

/** A load of which only the errno is asked. */
export interface BriefCase extends BriefLoad {
  readonly name: string;
}

/** Cases about one subject. */
export interface BriefKind {
  readonly name: string;
  readonly cases: readonly BriefCase[];
  /** Whether the files are not this project's, so that they may change: they are recorded by their names. */
  readonly isForeign?: boolean;
}
