/**
 * The script of the inspector, which runs twice: in the page, and in a worker that the page starts from the same text.
 * So code that both need is in the file once.
 */
import { serveJobs } from './jobs/serve-jobs.js';
import { showInspector } from './page/show-inspector.js';

if ('document' in globalThis) showInspector(document);
else serveJobs();
