import type { ChosenItem } from '../jobs/chosen-folder.js';
import type { IdentifiedFile } from '../jobs/inspect-job.js';
import type { JobOutcome } from '../jobs/job-answer.js';

/** A file on the page, or a folder of collected files. */
export interface OpenedFile {
  readonly id: number;
  readonly chosen: ChosenItem;
  /** Undefined while it is inspected. */
  readonly outcome: JobOutcome<IdentifiedFile> | undefined;
  /** Whether it is a machine of a large fleet, whatever its contents: each is read when it is planned, and once. */
  readonly isFleetMember: boolean;
}
