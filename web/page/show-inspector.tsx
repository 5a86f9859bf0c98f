import { render } from 'preact';
import { SERVED_FILES_ID, type ServedFile } from '../../src/view/inspector-page/inspector-page.js';
import { Inspector } from './inspector.js';
import { JobWorker } from './job-worker.js';
import { WorkerContext } from './use-job.js';

/** Starts the page. Its own script is the worker's, too. */
export function showInspector(page: Document): void {
  const { currentScript, body } = page;
  const worker = new JobWorker(currentScript?.textContent ?? '');
  const root = body.querySelector('#inspector');
  if (root === null) throw new Error('the page has no element for the inspector');
  render(
    <WorkerContext.Provider value={worker}>
      <Inspector given={listServedFiles(page)} />
    </WorkerContext.Provider>,
    root,
  );
  // After the first paint.
  requestAnimationFrame(() => setTimeout(() => worker.prepare()));
}

/** The files that `kexec-file ui` gives to the page that it serves. */
function listServedFiles(page: Document): readonly ServedFile[] {
  const list = page.getElementById(SERVED_FILES_ID)?.textContent;
  return list == null ? [] : JSON.parse(list);
}
