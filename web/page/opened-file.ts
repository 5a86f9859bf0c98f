import type { ChosenFile } from '../jobs/chosen-file.js';
import type { InspectedFile } from '../jobs/inspect-job.js';
import type { JobOutcome } from '../jobs/job-answer.js';

/** A file on the page. */
export interface OpenedFile {
  readonly id: number;
  readonly chosen: ChosenFile;
  /** Undefined while it is inspected. */
  readonly outcome: JobOutcome<InspectedFile> | undefined;
}
