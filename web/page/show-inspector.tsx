import { render } from 'preact';
import { Inspector } from './inspector.js';
import { JobWorker } from './job-worker.js';
import { WorkerContext } from './use-job.js';

/** Starts the page. Its own script is the worker's, too. */
export function showInspector({ currentScript, body }: Document): void {
  const worker = new JobWorker(currentScript?.textContent ?? '');
  const root = body.querySelector('#inspector');
  if (root === null) throw new Error('the page has no element for the inspector');
  render(
    <WorkerContext.Provider value={worker}>
      <Inspector given={[]} />
    </WorkerContext.Provider>,
    root,
  );
}
